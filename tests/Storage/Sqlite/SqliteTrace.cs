using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GenAI.Chats.Storage.Tests.Sqlite;

/// <summary>Every statement that a store's connections run, with its values.</summary>
internal sealed class SqliteTrace
{
    private readonly ConcurrentQueue<sqlite3> _connections = new();
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<string> Statements { get; } = new();

    /// <summary>The beginning of a statement to wait for.</summary>
    public string? Awaited { get; init; }

    /// <summary>Completes once the awaited statement was begun.</summary>
    public Task Seen => _seen.Task;

    public int Commits => Statements.Count(sql => sql == "COMMIT");

    /// <summary>What the prepared statements have cost so far, in instructions of Sqlite's virtual machine. To be asked while none runs.</summary>
    public long Instructions
    {
        get
        {
            var sum = 0L;
            foreach (var connection in _connections.Where(c => !c.IsClosed))
            {
                for (var s = raw.sqlite3_next_stmt(connection, null); s is not null; s = raw.sqlite3_next_stmt(connection, s))
                {
                    sum += raw.sqlite3_stmt_status(s, raw.SQLITE_STMTSTATUS_VM_STEP, 0);
                }
            }

            return sum;
        }
    }

    /// <summary>Follows a connection.</summary>
    public void Attach(SqliteConnection connection)
    {
        connection.Handle!.enable_sqlite3_next_stmt(true);
        _connections.Enqueue(connection.Handle);
        raw.sqlite3_trace(
            connection.Handle,
            (_, sql) =>
            {
                Statements.Enqueue(sql);
                if (Awaited is not null && sql.StartsWith(Awaited, StringComparison.Ordinal))
                {
                    _seen.TrySetResult();
                }
            },
            null);
    }
}
