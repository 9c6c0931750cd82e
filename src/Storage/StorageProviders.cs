namespace GenAI.Chats.Storage;

/// <summary>The values of <c>Storage:Provider</c>.</summary>
internal static class StorageProviders
{
    public const string Sqlite = "Sqlite";
    public const string Postgres = "Postgres";
    public const string GrainStorage = "GrainStorage";
    public const string InMemory = "InMemory";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Sqlite, Postgres, GrainStorage, InMemory];
}
