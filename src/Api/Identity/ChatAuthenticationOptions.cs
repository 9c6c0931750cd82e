using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.ClientCertificates;
using GenAI.Chats.Api.Identity.Jwt;

namespace GenAI.Chats.Api.Identity;

/// <summary>How callers authenticate: the configuration section <c>Authentication</c>. Only the API keys change without a restart.</summary>
public sealed record ChatAuthenticationOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Authentication";

    /// <summary>Gets the enabled schemes: <c>None</c>, or a comma-separated list of the other ones. Default <c>None</c>.</summary>
    public ChatAuthenticationSchemes Schemes { get; init; }

    /// <summary>Gets whether server reflection answers callers without credentials. It reveals the contract, but no chats. Default true.</summary>
    public bool AnonymousReflection { get; init; } = true;

    /// <summary>Gets the API keys.</summary>
    public ApiKeysOptions ApiKeys { get; init; } = new();

    /// <summary>Gets the rules for tokens.</summary>
    public JwtOptions Jwt { get; init; } = new();

    /// <summary>Gets the rules for client certificates.</summary>
    public ClientCertificateOptions ClientCertificates { get; init; } = new();
}
