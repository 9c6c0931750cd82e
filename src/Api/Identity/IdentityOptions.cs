using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.ClientCertificates;
using GenAI.Chats.Api.Identity.Jwt;

namespace GenAI.Chats.Api.Identity;

/// <summary>Who may call, and as which tenant: the configuration section <c>Identity</c>. Only the API keys change without a restart.</summary>
public sealed record IdentityOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Identity";

    /// <summary>How callers show whose they are: <c>None</c>, or one or more of the others with commas between. Default <c>None</c>.</summary>
    public IdentityMode Mode { get; init; }

    /// <summary>Whether server reflection is answered without credentials. It tells the contract, and nothing of chats. Default true.</summary>
    public bool AnonymousReflection { get; init; } = true;

    /// <summary>The API keys.</summary>
    public ApiKeysOptions ApiKeys { get; init; } = new();

    /// <summary>Which tokens are good.</summary>
    public JwtOptions Jwt { get; init; } = new();

    /// <summary>Where a client's certificate has its tenant.</summary>
    public ClientCertificateOptions ClientCertificates { get; init; } = new();
}
