namespace GenAI.Chats.Models.Calls;

/// <summary>Reads a sequence that may ignore its cancellation. A step that was abandoned is its last one.</summary>
/// <param name="source">The sequence.</param>
/// <param name="onContext">Whether the waiting goes on where it began, such as on a grain's scheduler.</param>
/// <param name="cancellationToken">Ends the sequence.</param>
internal sealed class AbandonableSequence<T>(IAsyncEnumerable<T> source, bool onContext, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<T> _source = source.GetAsyncEnumerator(cancellationToken);
    private Task _step = Task.CompletedTask;

    /// <summary>The element that came last.</summary>
    public T Current => _source.Current;

    /// <summary>Waits for the next element.</summary>
    /// <exception cref="OperationCanceledException">The sequence was cancelled, or abandoned.</exception>
    public ValueTask<bool> MoveNextAsync()
    {
        var next = _source.MoveNextAsync();
        if (next.IsCompleted)
        {
            return next;
        }

        var step = next.AsTask();
        _step = step;
        return new(step.OrAbandonAsync(onContext, cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_step.IsCompleted)
        {
            _ = DisposeLaterAsync();
            return;
        }

        var disposing = _source.DisposeAsync().AsTask();
        if (disposing.IsCompleted || await disposing.EndsSoonAsync(onContext).ConfigureAwait(onContext))
        {
            await disposing.ConfigureAwait(onContext);
        }
    }

    // A sequence can't be disposed of while a step of it runs.
    private async Task DisposeLaterAsync()
    {
        await _step.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // No one waits for it.
        }
    }
}
