using StackExchange.Redis;

namespace GenAI.Chats.Silo.Redis;

/// <summary>Reads connection strings of Redis, for the store and for the cluster.</summary>
internal static class RedisConnectionString
{
    private const string ClientName = "chats";
    private static readonly TimeSpan MinReconnectDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxReconnectDelay = TimeSpan.FromSeconds(2);

    /// <summary>Whether StackExchange.Redis can read the connection string, and it names a server.</summary>
    public static bool IsValid(string connectionString)
    {
        try
        {
            var endpoints = ConfigurationOptions.Parse(connectionString).EndPoints;
            return endpoints.Count > 0 && endpoints.All(IsAddress);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>
    /// Returns the client's settings. The first connection is made or fails at once: a silo reports the failure, and a client of the cluster tries again.
    /// After that, the library reconnects by itself.
    /// </summary>
    /// <param name="connectionString">A valid connection string.</param>
    /// <param name="timeout">The time limit of connections and requests. Null: the library's. Time limits in the connection string override it.</param>
    public static ConfigurationOptions Parse(string connectionString, TimeSpan? timeout = null)
    {
        // If a key occurs twice, the last value counts.
        var options = ConfigurationOptions.Parse(timeout is { } limit
            ? FormattableString.Invariant($"connectTimeout={limit.TotalMilliseconds:0},syncTimeout={limit.TotalMilliseconds:0},asyncTimeout={limit.TotalMilliseconds:0},{connectionString}")
            : connectionString);
        options.ClientName ??= ClientName;
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        options.ReconnectRetryPolicy = new ExponentialRetry((int)MinReconnectDelay.TotalMilliseconds, (int)MaxReconnectDelay.TotalMilliseconds);
        return options;
    }

    // What the parser doesn't recognize, such as a URL with a password, it takes for a host name.
    private static bool IsAddress(EndPoint endpoint) => endpoint is not DnsEndPoint dns || Uri.CheckHostName(dns.Host) != UriHostNameType.Unknown;
}
