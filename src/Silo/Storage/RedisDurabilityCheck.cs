using GenAI.Chats.Engine.Storage;
using Microsoft.Extensions.Logging;
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

    /// <summary>Checks each primary that is connected.</summary>
    /// <exception cref="ChatStoreException">A server can evict records.</exception>
    /// <exception cref="RedisException">A server doesn't answer.</exception>
    public async Task CheckAsync(IConnectionMultiplexer redis)
    {
        var findings = new Findings();
        foreach (var server in redis.GetServers().Where(static server => server is { IsConnected: true, IsReplica: false }))
        {
            await CheckAsync(server, findings).ConfigureAwait(false);
        }

        // Once, however many servers a cluster has.
        if (findings.IsAppendOnlyOff)
        {
            RedisLog.AppendOnlyOff(logger);
        }

        if (findings.LaxSync is { } value)
        {
            RedisLog.AppendOnlySyncedLate(logger, value);
        }

        if (findings.Unreadable.Count > 0)
        {
            RedisLog.Unchecked(logger, string.Join(", ", findings.Unreadable));
        }
    }

    private static async Task CheckAsync(IServer server, Findings findings)
    {
        var policy = await InfoAsync(server, "memory", "maxmemory_policy").ConfigureAwait(false)
            ?? await ConfigAsync(server, Eviction).ConfigureAwait(false);
        switch (policy)
        {
            case null:
                findings.Unreadable.Add(Eviction);
                break;
            case not "noeviction":
                throw new ChatStoreException(
                    $"Redis: {Eviction} is '{policy}', so Redis can evict chats when its memory is full. Expected: noeviction.");
        }

        switch (await InfoAsync(server, "persistence", "aof_enabled").ConfigureAwait(false))
        {
            case null:
                findings.Unreadable.Add("appendonly");
                break;
            case "0":
                findings.IsAppendOnlyOff = true;
                break;
            default:
                var sync = await ConfigAsync(server, Sync).ConfigureAwait(false);
                if (sync is null)
                {
                    findings.Unreadable.Add(Sync);
                }
                else if (sync != "always")
                {
                    findings.LaxSync = sync;
                }

                break;
        }
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

    private sealed class Findings
    {
        public SortedSet<string> Unreadable { get; } = new(StringComparer.Ordinal);

        public bool IsAppendOnlyOff { get; set; }

        public string? LaxSync { get; set; }
    }
}
