using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GenAI.Chats.Grains.Tests.Storage.Sqlite;

/// <summary>Every statement that a store's connections run, with its values.</summary>
internal sealed class SqliteTrace
{
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<string> Statements { get; } = new();

    /// <summary>The beginning of a statement to wait for.</summary>
    public string? Awaited { get; init; }

    /// <summary>Completes once the awaited statement was begun.</summary>
    public Task Seen => _seen.Task;

    public int Commits => Statements.Count(sql => sql == "COMMIT");

    /// <summary>Follows a connection.</summary>
    public void Attach(SqliteConnection connection) => raw.sqlite3_trace(
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
