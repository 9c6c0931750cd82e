namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>The values of <c>Storage:GrainStorage</c>.</summary>
internal static class GrainStorageProviders
{
    /// <summary>A container of an Azure storage account.</summary>
    public const string AzureBlobs = "AzureBlobs";

    /// <summary>A Redis server.</summary>
    public const string Redis = "Redis";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [AzureBlobs, Redis];
}
