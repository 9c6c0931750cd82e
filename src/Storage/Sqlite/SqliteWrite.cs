using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>A step that waits for the writer: what to do in the transaction, and who waits for it.</summary>
internal abstract class SqliteWrite(long bytes)
{
    /// <summary>About how much it writes.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>
    /// Does it within the writer's transaction and keeps what came out. May run again when the transaction was taken back.
    /// </summary>
    /// <remarks>A precondition that does not hold comes before the first write, so that it concerns this step alone.</remarks>
    public abstract void Run(SqliteSession session);

    /// <summary>Tells the caller what came out; the transaction was committed.</summary>
    public abstract void Complete();

    /// <summary>Tells the caller that it is unknown whether the step was done.</summary>
    public abstract void Fail(ChatStoreException exception);
}

/// <inheritdoc />
/// <param name="bytes">About how much it writes.</param>
/// <param name="body">The step.</param>
/// <param name="places">Where it holds a place until its caller is told; null: it has none.</param>
internal sealed class SqliteWrite<T>(long bytes, Func<SqliteSession, T> body, SemaphoreSlim? places) : SqliteWrite(bytes)
{
    // The caller's continuation has no place on the writer's thread.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _refusal;
    private T? _result;

    public Task<T> Task => _completion.Task;

    /// <inheritdoc />
    public override void Run(SqliteSession session)
    {
        _refusal = null;
        try
        {
            _result = body(session);
        }
        catch (Exception exception) when (exception is ChatConflictException or ChatLimitException)
        {
            _refusal = exception;
        }
    }

    /// <inheritdoc />
    public override void Complete()
    {
        places?.Release();
        if (_refusal is not null)
        {
            _completion.SetException(_refusal);
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
