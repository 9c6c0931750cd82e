namespace GenAI.Chats.Models.Routing;

/// <summary>
/// The retries of failed calls: key <c>Retry</c> of a route. Only failures that can pass are retried, and only before the model's first content.
/// </summary>
public sealed record RetryOptions
{
    /// <summary>
    /// Gets the maximum number of attempts, including the first. With 1, calls aren't retried, and don't wait because the target throttled others.
    /// </summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Gets the delay before the second attempt. It doubles for each further attempt. Up to one base delay of jitter is added.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the maximum delay. A model can ask for a longer one.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets how often a model is called again if it says STOP and nothing else.</summary>
    public int MaxEmptyRetries { get; init; } = 2;
}
