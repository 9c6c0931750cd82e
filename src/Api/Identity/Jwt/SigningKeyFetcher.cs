using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>Fetches the issuer's keys from a file, from a URL, or from the URL in the issuer's discovery document.</summary>
internal sealed class SigningKeyFetcher(JwtOptions options) : IDocumentRetriever, IDisposable
{
    private const int MaxBytes = 1024 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = new() { Timeout = Timeout, MaxResponseContentBufferSize = MaxBytes };

    /// <summary>Gets the path or URL that the fetcher reads first.</summary>
    public string Source => options.JwksFile ?? options.JwksUri?.ToString() ?? options.DiscoveryUrl;

    /// <summary>Fetches the keys. Reading a file completes synchronously.</summary>
    public async Task<SigningKeySet> FetchAsync()
    {
        if (options.JwksFile is { } file)
        {
            return SigningKeySet.ReadFile(file);
        }

        if (options.JwksUri is not null)
        {
            return SigningKeySet.Read(await GetDocumentAsync(Source, CancellationToken.None));
        }

        var issuer = await OpenIdConnectConfigurationRetriever.GetAsync(Source, this, CancellationToken.None);
        return issuer.Issuer == options.Issuer
            ? SigningKeySet.Of(issuer.JsonWebKeySet?.Keys ?? [])
            : throw new InvalidDataException($"Its issuer is {issuer.Issuer}, not {options.Issuer}.");
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Fetches a document. A discovery document can contain any URL for the keys.</summary>
    public Task<string> GetDocumentAsync(string address, CancellationToken cancel) => Uri.TryCreate(address, UriKind.Absolute, out var url) && JwtRules.IsSafe(url)
        ? new HttpDocumentRetriever(_http) { RequireHttps = false }.GetDocumentAsync(address, cancel)
        : throw new InvalidDataException($"{address} isn't an https URL.");
}
