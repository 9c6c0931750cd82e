namespace GenAI.Chats.Models.Routing;

/// <summary>
/// How many calls a route takes, from all chats of this server together: key <c>Limits</c> of a route. Calls beyond wait in order of
/// arrival.
/// </summary>
public sealed record CallLimitOptions
{
    /// <summary>How many calls may run at once, streams to their end. Unset: any number.</summary>
    public int? MaxConcurrentCalls { get; init; }

    /// <summary>How many calls may begin within any 60 seconds. Unset: any number.</summary>
    public int? MaxCallsPerMinute { get; init; }

    /// <summary>How many calls may wait; one more fails with RESOURCE_EXHAUSTED, reason MODEL_OVERLOADED. Default 1,000.</summary>
    public int MaxWaitingCalls { get; init; } = 1000;
}
