using Azure.Data.Tables;
using GenAI.Chats.Silo.AzureStorage;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>The table service of an Azure Storage account, for the cluster's membership table.</summary>
internal static class AzureTables
{
    // Azure's default is 100 s. Silos read the table every few seconds, and the table is small.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Returns whether a text is a connection string with a table service.</summary>
    public static bool IsConnectionString(string text) => AzureAccount.IsConnectionString(text, static text => new TableServiceClient(text));

    /// <summary>Creates a client, which doesn't connect yet.</summary>
    public static TableServiceClient CreateClient(string connectionString) =>
        new(connectionString, new TableClientOptions().WithRetries(maxRetries: 3, RequestTimeout));
}
