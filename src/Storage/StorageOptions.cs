namespace GenAI.Chats.Storage;

/// <summary>Where chats are stored. Section <c>Storage</c>.</summary>
public sealed record StorageOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Storage";

    /// <summary>
    /// The store: <c>Sqlite</c>; <c>Postgres</c>; <c>GrainStorage</c>, which is an Orleans storage provider; or <c>InMemory</c>, which loses everything when the
    /// process ends. Default: <c>Sqlite</c>.
    /// </summary>
    public string Provider { get; init; } = StorageProviders.Sqlite;

    /// <summary>
    /// Sqlite: the path of the database file. Its directory is created if it doesn't exist. A relative path starts at the working directory.
    /// </summary>
    public string Path { get; init; } = "data/chats.db";

    /// <summary>Sqlite: the longest time that a step or a read waits for another process that has locked the file, at most 5 min.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest time that a read for a client can take, at most 9 s. A longer read fails with STORE_TIMEOUT.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// The connection string of the store. A secret. Its format depends on the store:
    /// <list type="bullet">
    /// <item>Postgres: an Npgsql connection string, such as <c>Host=...;Database=...;Username=...;Password=...</c>. Its time limits and pool settings override
    /// this service's own.</item>
    /// <item>GrainStorage over Azure blobs: the connection string of the storage account.</item>
    /// <item>GrainStorage over Redis: a StackExchange.Redis configuration string, such as <c>host:6379,user=...,password=...</c>. Its time limits override
    /// <see cref="RequestTimeout"/>.</item>
    /// </list>
    /// </summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>GrainStorage: the longest time that a request to the storage can take before it fails or is sent again, at most 5 min.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>GrainStorage: the blob container, which is created if it doesn't exist, or the prefix of all keys in Redis. 3-63 lowercase letters, digits, and single hyphens.</summary>
    public string Container { get; init; } = "chats";

    /// <summary>GrainStorage: where the chats are stored, <c>AzureBlobs</c> or <c>Redis</c>. Ignored if <see cref="GrainStorageName"/> is set.</summary>
    public string GrainStorage { get; init; } = GrainStorageProviders.AzureBlobs;

    /// <summary>GrainStorage: the name of a storage provider that the host registered, to use instead of <see cref="GrainStorage"/>.</summary>
    public string GrainStorageName { get; init; } = "";

    /// <summary>Returns the provider and the path, without secrets.</summary>
    public override string ToString() => $"{Provider} (path {Path})";
}
