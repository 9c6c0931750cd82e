using GenAI.Chats.Storage.Sqlite;
using GenAI.Chats.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Storage.Tests.Sqlite;

/// <summary>A place of its own for a store's file, gone with the test.</summary>
internal sealed class SqliteFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("chats-");

    public string Path => System.IO.Path.Combine(_directory.FullName, "data", "chats.db");

    public SqliteChatStore Store(TimeProvider? time = null, TimeSpan? busyTimeout = null, Action<SqliteConnection>? opened = null) =>
        StoreAt(Path, time, busyTimeout, opened);

    public static SqliteChatStore StoreAt(
        string path, TimeProvider? time = null, TimeSpan? busyTimeout = null, Action<SqliteConnection>? opened = null) => new(
        new StorageOptions { Path = path, BusyTimeout = busyTimeout ?? TimeSpan.FromMinutes(1) },
        time ?? new ManualTimeProvider(),
        NullLogger.Instance,
        opened);

    public async Task<SqliteChatStore> OpenAsync(TimeProvider? time = null, TimeSpan? busyTimeout = null, Action<SqliteConnection>? opened = null)
    {
        var store = Store(time, busyTimeout, opened);
        await store.InitializeAsync(CancellationToken.None);
        return store;
    }

    /// <summary>A connection beside the store's.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
