namespace GenAI.Chats.Models.Calls;

/// <summary>Reads a sequence that can ignore its cancellation. Don't read on after an abandoned step.</summary>
/// <typeparam name="T">The type of the elements.</typeparam>
/// <param name="source">The sequence.</param>
/// <param name="onContext">Whether to continue on the captured context, such as a grain's scheduler.</param>
/// <param name="cancellationToken">A token to cancel the sequence.</param>
public sealed class AbandonableSequence<T>(IAsyncEnumerable<T> source, bool onContext, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<T> _source = source.GetAsyncEnumerator(cancellationToken);
    private Task _step = Task.CompletedTask;

    /// <summary>Gets the current element.</summary>
    public T Current => _source.Current;

    /// <summary>Waits for the next element.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="OperationCanceledException">The sequence was canceled or abandoned.</exception>
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

    // A sequence can't be disposed while one of its steps runs.
    private async Task DisposeLaterAsync()
    {
        await _step.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _source.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Its result isn't needed.
        }
    }
}
