namespace GenAI.Chats.Grains.Storage;

/// <summary>Where chats are kept. Section <c>Storage</c>.</summary>
internal sealed record StorageOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Storage";

    /// <summary>Which store: Sqlite; Postgres; or InMemory, which forgets.</summary>
    public string Provider { get; init; } = StorageProviders.Sqlite;

    /// <summary>Sqlite's file. Its directory is created where it is missing; a relative path starts at the working directory.</summary>
    public string Path { get; init; } = "data/chats.db";

    /// <summary>How long a step or a read waits for another process that holds Sqlite's file.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Postgres's database, as Npgsql has it: <c>Host=...;Database=...;Username=...;Password=...</c>. What it says of time limits and the pool of connections
    /// stands before this service's own. A secret.
    /// </summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>Leaves out what is secret.</summary>
    public override string ToString() => $"{Provider} (path {Path})";
}
