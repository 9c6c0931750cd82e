using StackExchange.Redis;

namespace GenAI.Chats.Silo.Storage;

/// <summary>
/// Checks at startup whether Redis keeps what it acknowledges, as far as the server lets its clients see that: a server that can evict records stops the
/// start, one that can lose recent writes in a crash gets a warning.
/// </summary>
internal sealed class RedisDurabilityCheck(ILogger<RedisDurabilityCheck> logger)
{
    private const string Eviction = "maxmemory-policy";
    private const string Sync = "appendfsync";
    private const string Off = "0";

    /// <summary>Checks each primary that is connected.</summary>
    /// <exception cref="ChatStoreException">A server can evict records.</exception>
    /// <exception cref="RedisException">A server doesn't answer.</exception>
    public async Task CheckAsync(IConnectionMultiplexer redis)
    {
        var all = new List<Settings>();
        foreach (var server in redis.GetServers().Where(static server => server is { IsConnected: true, IsReplica: false }))
        {
            all.Add(await ReadAsync(server).ConfigureAwait(false));
        }

        if (all.Find(static one => one.Eviction is not (null or "noeviction")) is { } evicting)
        {
            throw new ChatStoreException($"Redis: {Eviction} is '{evicting.Eviction}', so Redis can evict chats when its memory is full. Expected: noeviction.");
        }

        // Once, however many servers a cluster has.
        if (all.Exists(static one => one.AppendOnly == Off))
        {
            RedisLog.AppendOnlyOff(logger);
        }

        if (all.Find(static one => one.Sync is not (null or "always")) is { } late)
        {
            RedisLog.AppendOnlySyncedLate(logger, late.Sync!);
        }

        if (all.SelectMany(static one => one.Unreadable).Distinct().Order(StringComparer.Ordinal).ToList() is { Count: > 0 } unreadable)
        {
            RedisLog.Unchecked(logger, string.Join(", ", unreadable));
        }
    }

    private static async Task<Settings> ReadAsync(IServer server)
    {
        var eviction = await InfoAsync(server, "memory", "maxmemory_policy").ConfigureAwait(false) ?? await ConfigAsync(server, Eviction).ConfigureAwait(false);
        var appendOnly = await InfoAsync(server, "persistence", "aof_enabled").ConfigureAwait(false);
        return new Settings(eviction, appendOnly, appendOnly is null or Off ? null : await ConfigAsync(server, Sync).ConfigureAwait(false));
    }

    // Null: the server doesn't report it.
    private static async Task<string?> InfoAsync(IServer server, string section, string key)
    {
        var report = await ExecuteAsync(server, "INFO", section).ConfigureAwait(false);
        var line = ((string?)report)?.Split('\n').FirstOrDefault(line => line.StartsWith(key + ":", StringComparison.Ordinal));
        return line?[(key.Length + 1)..].Trim();
    }

    private static async Task<string?> ConfigAsync(IServer server, string key) =>
        await ExecuteAsync(server, "CONFIG", "GET", key).ConfigureAwait(false) is { } found
            && found.ToDictionary(StringComparer.Ordinal).TryGetValue(key, out var value)
                ? (string?)value
                : null;

    // The client has methods for both commands, which need allowAdmin in the connection string.
    private static async Task<RedisResult?> ExecuteAsync(IServer server, string command, params object[] arguments)
    {
        try
        {
            return await server.ExecuteAsync(command, arguments).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            // Denied by the server, or by the client's own settings. Services that run Redis for others often have no CONFIG.
            return null;
        }
    }

    // Null: the server doesn't report it.
    private sealed record Settings(string? Eviction, string? AppendOnly, string? Sync)
    {
        public IEnumerable<string> Unreadable => new[]
        {
            Eviction is null ? RedisDurabilityCheck.Eviction : null,
            AppendOnly is null ? "appendonly" : AppendOnly != Off && Sync is null ? RedisDurabilityCheck.Sync : null,
        }.OfType<string>();
    }
}
