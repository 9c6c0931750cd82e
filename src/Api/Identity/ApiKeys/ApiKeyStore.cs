using System.Collections.Frozen;
using GenAI.Chats.Api.Reloading;
using Microsoft.Extensions.Primitives;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>The API keys as the configuration and the key file have them now.</summary>
internal sealed class ApiKeyStore(ApiKeysOptions initial, IConfiguration configuration, TimeProvider time, ILogger<ApiKeyStore> logger) : IReloadable
{
    private IChangeToken _configured = configuration.GetReloadToken();
    private FileState _file = Watch(initial);
    private volatile FrozenDictionary<string, ApiKeyOptions> _keys = Load(initial, logger);

    /// <summary>Checks a key.</summary>
    public AuthenticateResult Check(string key) =>
        !_keys.TryGetValue(SecretHash.Of(key), out var found) ? Caller.Reject(CredentialException.Invalid)
        : time.GetUtcNow() >= found.Expires ? Caller.Reject(CredentialException.Expired)
        : found.Operator ? Caller.AcceptOperator(found.Id, ApiKeyHandler.SchemeName)
        : Caller.Accept(found.Tenant!, ApiKeyHandler.SchemeName);

    /// <inheritdoc/>
    public void Reload()
    {
        // Both are asked: each remembers that it was.
        var configured = _configured.HasChanged;
        if (!(_file.HasChanged() | configured))
        {
            return;
        }

        _configured = configuration.GetReloadToken();
        try
        {
            var options = configuration.GetSection(ApiKeysOptions.SectionName).Get<ApiKeysOptions>(static binder => binder.ErrorOnUnknownConfiguration = true) ?? new();
            _file = configured ? Watch(options) : _file;
            _keys = Load(options, logger);
        }
        catch (Exception failure) when (failure is InvalidDataException or InvalidOperationException)
        {
            IdentityLog.ApiKeysKept(logger, failure.Message);
        }
    }

    private static FrozenDictionary<string, ApiKeyOptions> Load(ApiKeysOptions options, ILogger logger)
    {
        var keys = ApiKeyRules.Read(options);
        if (options.IsSet)
        {
            IdentityLog.ApiKeysLoaded(logger, keys.Count, keys.Values.Select(static key => key.Tenant).OfType<string>().Distinct().Count());
        }

        return keys;
    }

    private static FileState Watch(ApiKeysOptions options) => new(options.File is { } file ? [file] : []);
}
