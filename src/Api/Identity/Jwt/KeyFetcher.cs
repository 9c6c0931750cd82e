using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>Fetches the issuer's keys, from where the settings or the issuer's own discovery document say.</summary>
internal sealed class KeyFetcher : IDisposable
{
    private const int MaxBytes = 1024 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = new() { Timeout = Timeout, MaxResponseContentBufferSize = MaxBytes };
    private readonly Documents _documents;
    private readonly JwtOptions _options;

    public KeyFetcher(IOptions<IdentityOptions> options)
    {
        _options = options.Value.Jwt;
        _documents = new Documents(new HttpDocumentRetriever(_http) { RequireHttps = false });
    }

    /// <summary>Where it begins.</summary>
    public string Url => _options.KeysUrl?.ToString() ?? _options.DiscoveryUrl;

    /// <summary>Fetches the keys.</summary>
    public async Task<KeySet> FetchAsync(CancellationToken cancellationToken)
    {
        if (_options.KeysUrl is not null)
        {
            return KeySet.Read(await _documents.GetDocumentAsync(Url, cancellationToken));
        }

        var issuer = await OpenIdConnectConfigurationRetriever.GetAsync(Url, _documents, cancellationToken);
        return issuer.Issuer == _options.Issuer
            ? KeySet.Of(issuer.JsonWebKeySet?.Keys ?? [])
            : throw new InvalidDataException($"Its issuer is {issuer.Issuer}, not {_options.Issuer}.");
    }

    public void Dispose() => _http.Dispose();

    // A discovery document may name any URL for the keys.
    private sealed class Documents(HttpDocumentRetriever inner) : IDocumentRetriever
    {
        public Task<string> GetDocumentAsync(string address, CancellationToken cancel) => Uri.TryCreate(address, UriKind.Absolute, out var url) && JwtRules.IsSafe(url)
            ? inner.GetDocumentAsync(address, cancel)
            : throw new InvalidDataException($"{address} is no https URI.");
    }
}
