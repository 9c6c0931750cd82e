using Azure.Core;
using Azure.Data.Tables;
using Orleans.Clustering.AzureStorage;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>The table service of an Azure Storage account, for the cluster's membership table.</summary>
internal static class AzureTables
{
    // Azure's default is 100 s. Silos read the table every few seconds, and the table is small.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Returns whether a text is a connection string with a table service.</summary>
    public static bool IsConnectionString(string text)
    {
        try
        {
            _ = new TableServiceClient(text);
            return true;
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Creates a client, which doesn't connect yet.</summary>
    public static TableServiceClient CreateClient(string connectionString)
    {
        var options = new TableClientOptions();
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        options.Retry.MaxRetries = 3;
        options.Retry.NetworkTimeout = RequestTimeout;
        return new TableServiceClient(connectionString, options);
    }

    /// <summary>Creates the membership table if it doesn't exist.</summary>
    /// <exception cref="Azure.RequestFailedException">The service can't be reached, or rejects the request.</exception>
    public static Task CreateMembershipTableAsync(TableServiceClient client, CancellationToken cancellationToken) =>
        client.CreateTableIfNotExistsAsync(AzureStorageClusteringOptions.DEFAULT_TABLE_NAME, cancellationToken);
}
