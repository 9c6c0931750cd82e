namespace GenAI.Chats.Models.Routing;

/// <summary>A provider and its settings: an entry of <c>Models:Routes:N:Targets</c>.</summary>
public record ModelTarget
{
    /// <summary>Gets the provider: <c>echo</c>, <c>gemini</c>, <c>vertex</c>, <c>openai</c>, or one that the host added.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Gets the provider's model name. If unset, the chat's model name.</summary>
    public string? Model { get; init; }

    /// <summary>Gets the API's URL. If unset, the provider's default.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>Gets the API key. If unset, the value of the provider's environment variable.</summary>
    public string? Key { get; init; }

    /// <summary>Gets the API version, such as <c>v1beta</c>. If unset, the provider's default.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Gets the maximum duration of a call, including its stream; at most 1 day. If unset, 10 min.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Gets the Google Cloud project (Vertex AI only). If unset, the project of the environment or the credentials.</summary>
    public string? Project { get; init; }

    /// <summary>Gets the location, such as <c>europe-west4</c> (Vertex AI only). If unset, the location of the environment, or <c>global</c>.</summary>
    public string? Location { get; init; }

    /// <summary>Gets the header for the key, such as <c>api-key</c> (provider <c>openai</c> only). If unset, the key is sent as a bearer token.</summary>
    public string? KeyHeader { get; init; }

    /// <summary>Gets the maximum duration of a call. A turn's config can only reduce it.</summary>
    internal TimeSpan TimeLimit => Timeout ?? TimeSpan.FromMinutes(10);

    /// <summary>Describes the target without the key.</summary>
    public override string ToString() => string.Join(' ', new object?[] { Provider, Model, BaseUrl, ApiVersion }.OfType<object>());

    /// <summary>Returns the target's own members of a route.</summary>
    internal ModelTarget ToTarget() => new(this);
}
