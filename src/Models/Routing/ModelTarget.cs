namespace GenAI.Chats.Models.Routing;

/// <summary>Where calls of a model go: a provider, and what it needs to know. An entry of <c>Models:Routes:N:Targets</c>.</summary>
public record ModelTarget
{
    /// <summary>The name of a provider: <c>echo</c>, <c>gemini</c>, <c>vertex</c>, <c>openai</c>, or one that the host added.</summary>
    public string Provider { get; init; } = "";

    /// <summary>The model's name as the provider has it; unset, the name that the chat has.</summary>
    public string? Model { get; init; }

    /// <summary>The API's address; unset, the provider's own.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>The API's key; unset, the one from the provider's environment variables.</summary>
    public string? Key { get; init; }

    /// <summary>The API's version, such as <c>v1beta</c>; unset, the provider's own.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>How long one call may take, with all of its stream; unset, 10 minutes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Vertex AI only: the Google Cloud project; unset, the one from the environment or the credentials.</summary>
    public string? Project { get; init; }

    /// <summary>Vertex AI only: the location, such as <c>europe-west4</c>; unset, the one from the environment, or <c>global</c>.</summary>
    public string? Location { get; init; }

    /// <summary>Provider <c>openai</c> only: the header that carries the key, such as <c>api-key</c>; unset, it is a bearer token.</summary>
    public string? KeyHeader { get; init; }

    /// <summary>Without the key.</summary>
    public override string ToString() => string.Join(' ', new object?[] { Provider, Model, BaseUrl, ApiVersion }.OfType<object>());

    /// <summary>What of a route is its target.</summary>
    internal ModelTarget ToTarget() => new(this);
}
