namespace GenAI.Chats.Api.Identity;

/// <summary>The ways in which callers can authenticate. Several can be enabled.</summary>
[Flags]
public enum ChatAuthenticationSchemes
{
    /// <summary>Callers don't authenticate. Everyone who can reach the port uses the tenant <c>default</c>.</summary>
    None = 0,

    /// <summary>An API key in the header <c>x-api-key</c> or <c>authorization: Bearer</c>.</summary>
    ApiKeys = 1,

    /// <summary>A token that an issuer has signed, in the header <c>authorization: Bearer</c>.</summary>
    Jwt = 2,

    /// <summary>The client certificate of the connection, if a request has neither a key nor a token.</summary>
    ClientCertificates = 4,
}
