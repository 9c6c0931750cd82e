using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace GenAI.Chats.Silo.Storage.Redis;

/// <summary>Reads connection strings of Redis.</summary>
internal static class RedisConnections
{
    private static readonly TimeSpan MinReconnectDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxReconnectDelay = TimeSpan.FromSeconds(2);

    /// <summary>Whether StackExchange.Redis can read the connection string, and it names a server.</summary>
    public static bool IsConnectionString(string connectionString)
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

    /// <summary>Returns the client's settings. Time limits in the connection string override <paramref name="timeout"/>.</summary>
    public static ConfigurationOptions Parse(string connectionString, TimeSpan timeout)
    {
        // The last value of a key counts.
        var milliseconds = (int)timeout.TotalMilliseconds;
        var options = ConfigurationOptions.Parse(string.Create(
            CultureInfo.InvariantCulture,
            $"connectTimeout={milliseconds},syncTimeout={milliseconds},asyncTimeout={milliseconds},connectRetry=1,{connectionString}"));

        // The first connection is made or the start fails; after it the client reconnects by itself, and soon.
        options.AbortOnConnectFail = true;
        options.ReconnectRetryPolicy = new ExponentialRetry((int)MinReconnectDelay.TotalMilliseconds, (int)MaxReconnectDelay.TotalMilliseconds);
        return options;
    }

    // What the parser doesn't recognize, such as a URL with a password, it takes for a host name.
    private static bool IsAddress(EndPoint endpoint) => endpoint is not DnsEndPoint dns || Uri.CheckHostName(dns.Host) != UriHostNameType.Unknown;
}
