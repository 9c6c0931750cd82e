using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>Fetches the issuer's keys from a file, from a URL, or from the URL in the issuer's discovery document.</summary>
internal sealed class SigningKeyFetcher : IDisposable
{
    private const int MaxBytes = 1024 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = new() { Timeout = Timeout, MaxResponseContentBufferSize = MaxBytes };
    private readonly Documents _documents;
    private readonly JwtOptions _options;

    public SigningKeyFetcher(JwtOptions options)
    {
        _options = options;
        _documents = new Documents(new HttpDocumentRetriever(_http) { RequireHttps = false });
    }

    /// <summary>Gets the path or URL that the fetcher reads first.</summary>
    public string Source => _options.JwksFile ?? _options.JwksUri?.ToString() ?? _options.DiscoveryUrl;

    /// <summary>Fetches the keys. Reading a file completes synchronously.</summary>
    public async Task<SigningKeySet> FetchAsync()
    {
        if (_options.JwksFile is { } file)
        {
            return SigningKeySet.ReadFile(file);
        }

        if (_options.JwksUri is not null)
        {
            return SigningKeySet.Read(await _documents.GetDocumentAsync(Source, CancellationToken.None));
        }

        var issuer = await OpenIdConnectConfigurationRetriever.GetAsync(Source, _documents, CancellationToken.None);
        return issuer.Issuer == _options.Issuer
            ? SigningKeySet.Of(issuer.JsonWebKeySet?.Keys ?? [])
            : throw new InvalidDataException($"Its issuer is {issuer.Issuer}, not {_options.Issuer}.");
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    // A discovery document can contain any URL for the keys.
    private sealed class Documents(HttpDocumentRetriever inner) : IDocumentRetriever
    {
        public Task<string> GetDocumentAsync(string address, CancellationToken cancel) => Uri.TryCreate(address, UriKind.Absolute, out var url) && JwtRules.IsSafe(url)
            ? inner.GetDocumentAsync(address, cancel)
            : throw new InvalidDataException($"{address} isn't an https URL.");
    }
}
