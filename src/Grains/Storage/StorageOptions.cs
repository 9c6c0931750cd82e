namespace GenAI.Chats.Grains.Storage;

/// <summary>Where chats are kept. Section <c>Storage</c>.</summary>
internal sealed record StorageOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Storage";

    /// <summary>Which store: Sqlite; Postgres; GrainStorage, an Orleans storage provider; or InMemory, which forgets.</summary>
    public string Provider { get; init; } = StorageProviders.Sqlite;

    /// <summary>Sqlite's file. Its directory is created where it is missing; a relative path starts at the working directory.</summary>
    public string Path { get; init; } = "data/chats.db";

    /// <summary>How long a step or a read waits for another process that holds Sqlite's file.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Postgres's database, as Npgsql has it: <c>Host=...;Database=...;Username=...;Password=...</c>. What it says of time limits and the pool of connections
    /// stands before this service's own. GrainStorage's storage account, as Azure has it, where no <see cref="GrainStorageName"/> is given. A secret.
    /// </summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>How long a request to GrainStorage's storage account may take before it is sent again or given up.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>GrainStorage's blob container, which is created where it is missing.</summary>
    public string Container { get; init; } = "chats";

    /// <summary>The name under which the host has registered the storage provider that GrainStorage is to use. Empty: Azure blobs.</summary>
    public string GrainStorageName { get; init; } = "";

    /// <summary>Leaves out what is secret.</summary>
    public override string ToString() => $"{Provider} (path {Path})";
}
