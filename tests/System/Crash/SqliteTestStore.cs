using GenAI.Chats.SystemTests.Support;
using Microsoft.Data.Sqlite;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>A Sqlite file in a directory of its own.</summary>
internal sealed class SqliteTestStore : TestStore
{
    public const string Provider = "Sqlite";

    // Sqlite's own word for "another has the lock".
    private const int Busy = 5;

    private readonly TestDirectory _directory = new();

    public override IReadOnlyList<string> Settings => ["--Storage:Provider=" + Provider, "--Storage:Path=" + _directory.Database];

    public override IReadOnlyList<string> ImpatientSettings => [.. Settings, "--Storage:BusyTimeout=00:00:00.3"];

    public override async Task<IAsyncDisposable> HoldCommitsAsync()
    {
        var connection = Open(TimeSpan.FromMinutes(1));
        await BeginAsync(connection);
        return connection;
    }

    public override ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task<bool> IsFreeAsync()
    {
        await using var connection = Open(TimeSpan.FromSeconds(1));
        try
        {
            await BeginAsync(connection);
            return true;
        }
        catch (SqliteException locked) when (locked.SqliteErrorCode == Busy)
        {
            return false;
        }
    }

    private SqliteConnection Open(TimeSpan patience)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _directory.Database,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = (int)patience.TotalSeconds,
        }.ToString());
        connection.Open();
        return connection;
    }

    private static async Task BeginAsync(SqliteConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync();
    }
}
