namespace GenAI.Chats.Models.Routing;

/// <summary>Where the models of a name, or of a pattern of names, are. An entry of <c>Models:Routes</c>.</summary>
public sealed record ModelRoute
{
    /// <summary>The model's name; <c>*</c> stands for any run of characters.</summary>
    public string Name { get; init; } = "";

    /// <summary>The name of a provider: <c>echo</c>, <c>gemini</c>, or one that the host added.</summary>
    public string Provider { get; init; } = "";

    /// <summary>The API's address; unset, the provider's own.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>The API's key; unset, the one from the provider's environment variables.</summary>
    public string? Key { get; init; }

    /// <summary>The API's version, such as <c>v1beta</c>; unset, the provider's own.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>How long a call may take, with all of its stream; unset, 10 minutes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{Name} -> {Provider} {BaseUrl} {ApiVersion}".TrimEnd();
}
