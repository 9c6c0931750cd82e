using GenAI.Chats.Api.Files;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>The API keys as the configuration and the keys file have them now.</summary>
internal sealed class ApiKeyStore : IReloadable
{
    private readonly IConfiguration _configuration;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly bool _isOn;
    private IChangeToken _configured;
    private FileState _file;
    private volatile ApiKeySet _keys;

    public ApiKeyStore(IOptions<IdentityOptions> options, IConfiguration configuration, TimeProvider time, ILogger<ApiKeyStore> logger)
    {
        _configuration = configuration;
        _time = time;
        _logger = logger;
        _isOn = options.Value.Mode.HasFlag(IdentityMode.ApiKeys);
        _configured = configuration.GetReloadToken();
        _file = Watch(options.Value.ApiKeys);
        _keys = ApiKeyRules.Read(options.Value.ApiKeys);
        if (_isOn)
        {
            IdentityLog.KeysRead(logger, _keys.Count, _keys.Tenants);
        }
    }

    /// <summary>Whose a key is.</summary>
    public Verdict Check(string key) => _keys.Check(key, _time.GetUtcNow());

    /// <inheritdoc/>
    public void Reload()
    {
        // Both are asked: each remembers that it was.
        var configured = _configured.HasChanged;
        if (!_isOn || !(_file.HasChanged() | configured))
        {
            return;
        }

        _configured = _configuration.GetReloadToken();
        try
        {
            var options = IdentityHostingExtensions.Read(_configuration);
            if (!options.Mode.HasFlag(IdentityMode.ApiKeys))
            {
                throw new InvalidDataException("Identity:Mode does not change without a restart.");
            }

            _file = configured ? Watch(options.ApiKeys) : _file;
            _keys = ApiKeyRules.Read(options.ApiKeys);
            IdentityLog.KeysRead(_logger, _keys.Count, _keys.Tenants);
        }
        catch (Exception failure) when (failure is InvalidDataException or InvalidOperationException)
        {
            IdentityLog.KeysKept(_logger, failure.Message);
        }
    }

    private static FileState Watch(ApiKeysOptions options) => new(options.File is { } file ? [file] : []);
}
