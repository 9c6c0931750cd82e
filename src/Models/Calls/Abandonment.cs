namespace GenAI.Chats.Models.Calls;

/// <summary>
/// Waits for code that may ignore its cancellation. A step that goes on after it was cancelled gets a moment to end, and is then abandoned: its caller goes on,
/// and what becomes of it no longer matters.
/// </summary>
internal static class Abandonment
{
    // Real time, whatever the clock: this is about code that runs, and most code ends at once.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>The step's result.</summary>
    /// <param name="step">The step.</param>
    /// <param name="onContext">Whether the waiting goes on where it began, such as on a grain's scheduler.</param>
    /// <param name="cancellationToken">Ends the step.</param>
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

    /// <summary>Gives a step its moment.</summary>
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
