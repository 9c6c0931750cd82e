namespace GenAI.Chats.Models.Routing;

/// <summary>
/// When a failed call is made again: key <c>Retry</c> of a route. Only what may pass is tried again, and only before the model's first
/// content has come.
/// </summary>
public sealed record RetryOptions
{
    /// <summary>
    /// How often the targets are tried for one answer, the first time included. 1: no retries, and no call waits for what another was
    /// refused. Default 5.
    /// </summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>
    /// How long to wait before the second attempt; before each further one, twice as long. Up to as much again as this is added at random.
    /// Default 1 s.
    /// </summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest of these waits. What a model asks for itself may be longer. Default 60 s.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a model that says STOP and nothing else is asked again. Default 2.</summary>
    public int MaxEmptyRetries { get; init; } = 2;
}
