namespace GenAI.Chats.Models.Routing;

/// <summary>Section <c>Models</c> of the configuration.</summary>
public sealed record ModelsOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Models";

    /// <summary>The routes that hold where the configuration has none.</summary>
    public static IReadOnlyList<ModelRoute> DefaultRoutes { get; } =
    [
        new() { Name = "gemini-*", Provider = "gemini" },
        new() { Name = "models/gemini-*", Provider = "gemini" },
        new() { Name = "tunedModels/*", Provider = "gemini" },
        new() { Name = "gpt-*", Provider = "openai" },
        new() { Name = "chatgpt-*", Provider = "openai" },
        new() { Name = "o1*", Provider = "openai" },
        new() { Name = "o3*", Provider = "openai" },
        new() { Name = "o4*", Provider = "openai" },
    ];

    /// <summary>
    /// The routes, in order: the first that matches a name counts. With any of its own, the configuration replaces the default ones.
    /// </summary>
    public IList<ModelRoute> Routes { get; init; } = [];

    /// <summary>
    /// Whether the model <c>echo</c> has a route, behind the others. It needs no network, and answers what its callers want: it's for trying out, and for tests.
    /// Default false; <c>./run</c> sets it.
    /// </summary>
    public bool Echo { get; init; }
}
