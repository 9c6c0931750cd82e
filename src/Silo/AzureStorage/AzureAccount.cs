using Azure.Core;

namespace GenAI.Chats.Silo.AzureStorage;

/// <summary>Connections to an Azure Storage account, for the store and for the cluster.</summary>
internal static class AzureAccount
{
    /// <summary>Indicates whether a client of the SDK accepts a connection string.</summary>
    /// <param name="connectionString">The connection string.</param>
    /// <param name="create">Creates the client, which doesn't connect yet.</param>
    public static bool IsConnectionString(string connectionString, Func<string, object> create)
    {
        try
        {
            _ = create(connectionString);
            return true;
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Sets when requests time out, and how they're retried.</summary>
    public static T WithRetries<T>(this T options, int maxRetries, TimeSpan timeout)
        where T : ClientOptions
    {
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        options.Retry.MaxRetries = maxRetries;
        options.Retry.NetworkTimeout = timeout;
        return options;
    }
}
