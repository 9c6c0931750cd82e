namespace GenAI.Chats.Storage;

/// <summary>The values of <c>Storage:Provider</c>. Their case doesn't matter.</summary>
public static class StorageProviders
{
    /// <summary>A SQLite database file.</summary>
    public const string Sqlite = "Sqlite";

    /// <summary>A PostgreSQL database.</summary>
    public const string Postgres = "Postgres";

    /// <summary>An Orleans storage provider.</summary>
    public const string GrainStorage = "GrainStorage";

    /// <summary>The memory of the process.</summary>
    public const string InMemory = "InMemory";

    /// <summary>All values.</summary>
    public static IReadOnlyList<string> All { get; } = [Sqlite, Postgres, GrainStorage, InMemory];

    /// <summary>Indicates whether a setting has a value.</summary>
    public static bool Is(string setting, string value) => setting.Equals(value, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The values of <c>Storage:GrainStorage</c>. Their case doesn't matter.</summary>
public static class GrainStorageProviders
{
    /// <summary>A container of an Azure storage account.</summary>
    public const string AzureBlobs = "AzureBlobs";

    /// <summary>A Redis server.</summary>
    public const string Redis = "Redis";

    /// <summary>All values.</summary>
    public static IReadOnlyList<string> All { get; } = [AzureBlobs, Redis];
}
