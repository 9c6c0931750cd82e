using GenAI.Chats.Storage.Postgres.Rows;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>
/// Applies steps. A few writers, each with a connection, commit all steps together that were queued during their last commit. A round trip and a sync of the
/// disk therefore serve many callers if there are many, and a single caller doesn't wait.
/// </summary>
/// <remarks>
/// A step runs alone, on another connection, if it isn't one of the frequent steps, or if a writer didn't apply it: then it is answered by the preconditions
/// that don't hold, or waits for the lock of its chat. Steps of one chat run one after the other, in the order of the calls.
/// </remarks>
internal sealed class PostgresWriter : IAsyncDisposable
{
    private readonly PostgresStepQueue _queue;
    private readonly PostgresRunner _alone;
    private readonly ILogger _logger;

    /// <param name="shared">Runs the transactions of the writers, one for each.</param>
    /// <param name="alone">Runs the other transactions.</param>
    /// <param name="logger">The logger.</param>
    public PostgresWriter(IEnumerable<PostgresRunner> shared, PostgresRunner alone, ILogger logger)
    {
        _queue = new PostgresStepQueue(shared.Select(static runner => new Writer(runner)));
        (_alone, _logger) = (alone, logger);
    }

    /// <summary>Applies a step.</summary>
    /// <exception cref="ChatStoreException">The step failed, or the store is closed.</exception>
    public Task<StepResult> ApplyAsync(SerializedStep step)
    {
        var write = new PostgresWrite(step);
        if (_queue.TryAdd(write, out var isNext))
        {
            if (isNext)
            {
                Start(write);
            }
        }
        else
        {
            write.Fail(new ChatStoreException("The store is closed."));
        }

        return write.Task;
    }

    /// <summary>Closes the writer for new steps, and waits for those it has.</summary>
    public async ValueTask DisposeAsync() => await _queue.CloseAsync().ConfigureAwait(false);

    /// <summary>Starts a step of a chat that has no other running step. If a writer is idle, it starts on this thread.</summary>
    private void Start(PostgresWrite write)
    {
        if (!ExecutionContext.IsFlowSuppressed())
        {
            // The caller's context doesn't belong to what a writer does for others.
            using var flow = ExecutionContext.SuppressFlow();
            Start(write);
        }
        else if (!GroupRows.Has(write.Step.Step))
        {
            _ = RunAloneAsync(write);
        }
        else if (_queue.MakeReady(write) is { } writer)
        {
            _ = RunAsync(writer);
        }
    }

    private async Task RunAsync(Writer writer)
    {
        while (_queue.Take(writer) is { Count: > 0 } writes)
        {
            if (await ApplyAsync(writer, writes).ConfigureAwait(false) is { } applied)
            {
                foreach (var write in writes)
                {
                    if (applied.Contains(write.Step))
                    {
                        Finish(write, StepResult.Applied);
                    }
                    else
                    {
                        _ = RunAloneAsync(write);
                    }
                }
            }
        }
    }

    /// <summary>Applies steps together. Returns the applied steps. Null if the transaction failed, and the callers know.</summary>
    private async Task<HashSet<SerializedStep>?> ApplyAsync(Writer writer, List<PostgresWrite> writes)
    {
        List<SerializedStep> steps = [.. writes.Select(static write => write.Step)];
        var isConnected = false;
        try
        {
            var applied = await writer.Runner.StepAsync(async session =>
            {
                isConnected = true;
                try
                {
                    return await PostgresGroups.ApplyAsync(session, steps, writer.TakeProof()).ConfigureAwait(false);
                }
                catch (PostgresException exception) when (steps.Count > 1 && PostgresErrors.IsRolledBack(exception))
                {
                    // Run the steps one by one, so that only the one that can't be done fails.
                    PostgresLog.Retried(_logger, exception);
                    return [];
                }
            }).ConfigureAwait(false);
            writer.Prove();
            return applied;
        }
        catch (ChatStoreException exception)
        {
            // If the server can't be reached, each further batch would wait as long as this one.
            foreach (var write in isConnected ? writes : [.. writes, .. _queue.TakeAll()])
            {
                // Each caller gets an exception of its own.
                Fail(write, PostgresErrors.Translate(exception.InnerException ?? exception));
            }

            return null;
        }
    }

    private async Task RunAloneAsync(PostgresWrite write)
    {
        try
        {
            Finish(write, await _alone.StepAsync(session => PostgresSteps.ApplyAsync(session, write.Step)).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            Fail(write, exception);
        }
    }

    private void Finish(PostgresWrite write, StepResult result)
    {
        write.Complete(result);
        StartNext(write);
    }

    private void Fail(PostgresWrite write, Exception exception)
    {
        write.Fail(exception);
        StartNext(write);
    }

    private void StartNext(PostgresWrite write)
    {
        if (_queue.Leave(write) is { } next)
        {
            Start(next);
        }
    }

    /// <summary>A writer, which has a connection.</summary>
    internal sealed class Writer(PostgresRunner runner)
    {
        // A server isn't stopped and started again within this time.
        private static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(100);

        private long? _proven;

        public PostgresRunner Runner => runner;

        /// <summary>The connection has just been in use.</summary>
        public void Prove() => _proven = TimeProvider.System.GetTimestamp();

        /// <summary>Returns whether the connection was just in use. After a failure, it might be another connection.</summary>
        public bool TakeProof()
        {
            var isProven = _proven is { } time && TimeProvider.System.GetElapsedTime(time) < MaxAge;
            _proven = null;
            return isProven;
        }
    }
}
