namespace GenAI.Chats.Storage.Sqlite;

/// <summary>A step in the writer's queue, and its waiting caller.</summary>
internal abstract class SqliteWrite(long bytes)
{
    /// <summary>The approximate number of bytes that the step writes.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>
    /// Runs the step in the writer's transaction, and keeps its result. If the transaction is rolled back, the step can run again.
    /// </summary>
    /// <remarks>A step checks its preconditions before its first write, so that a violated one doesn't affect other steps.</remarks>
    public abstract void Run(SqliteSession session);

    /// <summary>Completes the caller's task with the result, when the transaction was committed.</summary>
    public abstract void Complete();

    /// <summary>Fails the caller's task: whether the step was done is unknown.</summary>
    public abstract void Fail(ChatStoreException exception);
}

/// <inheritdoc />
/// <param name="bytes">The approximate number of bytes that the step writes.</param>
/// <param name="body">The step.</param>
/// <param name="places">The queue's capacity, of which the step uses one place until it completes. Null if it uses none.</param>
internal sealed class SqliteWrite<T>(long bytes, Func<SqliteSession, T> body, SemaphoreSlim? places) : SqliteWrite(bytes)
{
    // The caller must not continue on the writer's thread.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _violation;
    private T? _result;

    public Task<T> Task => _completion.Task;

    /// <inheritdoc />
    public override void Run(SqliteSession session)
    {
        _violation = null;
        try
        {
            _result = body(session);
        }
        catch (Exception exception) when (exception is ChatConflictException or ChatLimitException)
        {
            _violation = exception;
        }
    }

    /// <inheritdoc />
    public override void Complete()
    {
        places?.Release();
        if (_violation is not null)
        {
            _completion.SetException(_violation);
        }
        else
        {
            _completion.SetResult(_result!);
        }
    }

    /// <inheritdoc />
    public override void Fail(ChatStoreException exception)
    {
        places?.Release();
        _completion.SetException(exception);
    }
}
