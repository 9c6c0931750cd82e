using Npgsql;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>A connection for one step or read. What it leaves uncommitted is taken back when the connection is closed.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection, CancellationToken cancellationToken)
{
    /// <summary>Whether a commit was asked for, so that its outcome is unknown when no answer comes.</summary>
    public bool MayHaveCommitted { get; private set; }

    /// <summary>Begins a step: what a statement finds is not older than the locks that were taken before it.</summary>
    public PostgresBatch BeginStep() => Begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");

    /// <summary>Begins a read of one instant.</summary>
    public PostgresBatch BeginRead() => Begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");

    /// <summary>Statements that go on with what was begun, or stand alone.</summary>
    public PostgresBatch Batch() => new(connection);

    /// <summary>Runs the statements.</summary>
    public Task RunAsync(PostgresBatch batch) => batch.RunAsync(cancellationToken);

    /// <summary>Runs the last statements and commits, in one round trip; when one of them fails, nothing is committed.</summary>
    public Task CommitAsync(PostgresBatch batch)
    {
        batch.Execute("COMMIT");
        MayHaveCommitted = true;
        return batch.RunAsync(cancellationToken);
    }

    private PostgresBatch Begin(string sql)
    {
        var batch = Batch();
        batch.Execute(sql);
        return batch;
    }
}
