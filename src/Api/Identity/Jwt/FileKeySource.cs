using GenAI.Chats.Api.Files;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>The issuer's keys from a file, as it is now.</summary>
internal sealed class FileKeySource : IKeySource
{
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly FileState _file;
    private volatile KeySet _keys;

    public FileKeySource(string path, ILogger logger)
    {
        _path = path;
        _logger = logger;
        _file = new FileState(path);
        _keys = KeySet.Read(File.ReadAllText(path));
        IdentityLog.SigningKeysRead(logger, _keys.Keys.Count, path);
    }

    public ValueTask<KeySet?> GetAsync(string? wanted, CancellationToken cancellationToken) => new(_keys);

    /// <inheritdoc/>
    public void Reload()
    {
        if (!_file.HasChanged())
        {
            return;
        }

        try
        {
            _keys = KeySet.Read(File.ReadAllText(_path));
            IdentityLog.SigningKeysRead(_logger, _keys.Keys.Count, _path);
        }
        catch (Exception failure) when (KeySet.IsFault(failure))
        {
            IdentityLog.SigningKeysKept(_logger, _path, failure.Message);
        }
    }
}
