using System.Collections.Frozen;
using GenAI.Chats.Api.Reloading;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Primitives;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>The API keys as the configuration and the key file have them now.</summary>
internal sealed class ApiKeyStore : IReloadable
{
    private readonly IConfiguration _configuration;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private IChangeToken _configured;
    private FileState _file;
    private volatile FrozenDictionary<string, ApiKeyOptions> _keys;

    public ApiKeyStore(ApiKeysOptions options, IConfiguration configuration, TimeProvider time, ILogger<ApiKeyStore> logger)
    {
        _configuration = configuration;
        _time = time;
        _logger = logger;
        _configured = configuration.GetReloadToken();
        _file = Watch(options);
        _keys = Load(options);
    }

    /// <summary>Checks a key.</summary>
    public AuthenticateResult Check(string key) =>
        !_keys.TryGetValue(SecretHash.Of(key), out var found) ? Caller.Reject(CredentialException.Invalid)
        : _time.GetUtcNow() >= found.Expires ? Caller.Reject(CredentialException.Expired)
        : Caller.Accept(found.Tenant, ApiKeyHandler.SchemeName);

    /// <inheritdoc/>
    public void Reload()
    {
        // Both are asked: each remembers that it was.
        var configured = _configured.HasChanged;
        if (!(_file.HasChanged() | configured))
        {
            return;
        }

        _configured = _configuration.GetReloadToken();
        try
        {
            var options = _configuration.GetSection(ApiKeysOptions.SectionName).Get<ApiKeysOptions>(static binder => binder.ErrorOnUnknownConfiguration = true) ?? new();
            _file = configured ? Watch(options) : _file;
            _keys = Load(options);
        }
        catch (Exception failure) when (failure is InvalidDataException or InvalidOperationException)
        {
            IdentityLog.ApiKeysKept(_logger, failure.Message);
        }
    }

    private FrozenDictionary<string, ApiKeyOptions> Load(ApiKeysOptions options)
    {
        var keys = ApiKeyRules.Read(options);
        if (options.IsSet)
        {
            IdentityLog.ApiKeysLoaded(_logger, keys.Count, keys.Values.Select(static key => key.Tenant).Distinct().Count());
        }

        return keys;
    }

    private static FileState Watch(ApiKeysOptions options) => new(options.File is { } file ? [file] : []);
}
