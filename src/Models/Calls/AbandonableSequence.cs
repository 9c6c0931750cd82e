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
        await _source.DisposeAsync().AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

/// <summary>
/// Waits for code that can ignore its cancellation. A canceled step gets a short time to end. Then it is abandoned: its caller continues, and its
/// outcome is ignored.
/// </summary>
internal static class Abandonment
{
    // Real time, whatever the clock: most code ends immediately.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>Returns the step's result.</summary>
    /// <param name="step">The step.</param>
    /// <param name="onContext">Whether to continue on the captured context, such as a grain's scheduler.</param>
    /// <param name="cancellationToken">The token of the step.</param>
    /// <exception cref="OperationCanceledException">The step was abandoned.</exception>
    public static async Task<T> OrAbandonAsync<T>(this Task<T> step, bool onContext, CancellationToken cancellationToken)
    {
        if (!step.IsCompleted)
        {
            await ((Task)step.WaitAsync(cancellationToken)).ConfigureAwait(Silently(onContext));
            if (!step.IsCompleted && !await step.EndsSoonAsync(onContext).ConfigureAwait(onContext))
            {
                throw new OperationCanceledException("A model ignored its cancellation and was abandoned.", cancellationToken);
            }
        }

        return await step.ConfigureAwait(onContext);
    }

    /// <summary>Gives a step a short time to end.</summary>
    /// <returns>Whether it ended.</returns>
    public static async Task<bool> EndsSoonAsync(this Task step, bool onContext)
    {
        await step.WaitAsync(Grace).ConfigureAwait(Silently(onContext));
        if (!step.IsCompleted)
        {
            _ = ObserveAsync(step);
        }

        return step.IsCompleted;
    }

    private static ConfigureAwaitOptions Silently(bool onContext) =>
        ConfigureAwaitOptions.SuppressThrowing | (onContext ? ConfigureAwaitOptions.ContinueOnCapturedContext : ConfigureAwaitOptions.None);

    private static async Task ObserveAsync(Task step) => await step.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
