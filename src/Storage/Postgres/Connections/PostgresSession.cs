namespace GenAI.Chats.Storage.Postgres.Connections;

/// <summary>A connection for one step or read. If it is closed without a commit, its transaction is rolled back.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection, CancellationToken cancellationToken)
{
    /// <summary>Whether a commit was sent, so that its outcome is unknown if no response arrives.</summary>
    public bool MayHaveCommitted { get; private set; }

    /// <summary>Starts a step. Each statement sees everything that was committed before the locks that earlier statements took.</summary>
    public PostgresBatch BeginStep() => Begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");

    /// <summary>Starts a read of one instant.</summary>
    public PostgresBatch BeginRead() => Begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");

    /// <summary>Creates a batch that continues a transaction, or has none.</summary>
    public PostgresBatch Batch() => new(connection);

    /// <summary>Runs a batch.</summary>
    public Task RunAsync(PostgresBatch batch) => batch.RunAsync(cancellationToken);

    /// <summary>Runs the last batch and commits, in one round trip. If a statement fails, nothing is committed.</summary>
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
