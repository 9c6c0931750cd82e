namespace GenAI.Chats.Models.Routing;

/// <summary>Section <c>Models</c> of the configuration.</summary>
public sealed record ModelsOptions
{
    /// <summary>The name of the section.</summary>
    public const string SectionName = "Models";

    /// <summary>Gets the routes of a configuration without routes.</summary>
    public static IReadOnlyList<ModelRoute> DefaultRoutes { get; } =
    [
        .. RoutesOf("gemini", "gemini-*", "models/gemini-*", "tunedModels/*"),
        .. RoutesOf("openai", "gpt-*", "chatgpt-*", "o1*", "o3*", "o4*"),
    ];

    /// <summary>Gets the routes. The first route that matches a name is used. Configured routes replace the default routes.</summary>
    public IList<ModelRoute> Routes { get; init; } = [];

    /// <summary>
    /// Gets whether the model <c>echo</c> is available, as the last route. It needs no network and responds as its callers ask, for demos and tests.
    /// </summary>
    public bool Echo { get; init; }

    private static IEnumerable<ModelRoute> RoutesOf(string provider, params string[] names) =>
        names.Select(name => new ModelRoute { Name = name, Provider = provider });
}
