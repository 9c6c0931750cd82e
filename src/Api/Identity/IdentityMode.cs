namespace GenAI.Chats.Api.Identity;

/// <summary>How callers show whose they are. Several may be on.</summary>
[Flags]
public enum IdentityMode
{
    /// <summary>Not at all: everyone who reaches the port is of the tenant <c>default</c>.</summary>
    None = 0,

    /// <summary>With a key, in the metadata <c>x-api-key</c> or <c>authorization: Bearer</c>.</summary>
    ApiKeys = 1,

    /// <summary>With a token that others have signed, in the metadata <c>authorization: Bearer</c>.</summary>
    Jwt = 2,

    /// <summary>With the certificate of the connection, where a call has neither key nor token.</summary>
    ClientCertificates = 4,
}
