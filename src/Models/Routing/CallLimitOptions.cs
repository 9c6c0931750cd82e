namespace GenAI.Chats.Models.Routing;

/// <summary>The limits of a route for all chats of this server together: key <c>Limits</c> of a route. Further calls wait in order of arrival.</summary>
public sealed record CallLimitOptions
{
    /// <summary>Gets the maximum number of concurrent calls. A stream counts until its end. If unset, unlimited.</summary>
    public int? MaxConcurrentCalls { get; init; }

    /// <summary>Gets the maximum number of calls that start within 60 seconds. If unset, unlimited.</summary>
    public int? MaxCallsPerMinute { get; init; }

    /// <summary>Gets the maximum number of waiting calls. Further calls fail with RESOURCE_EXHAUSTED, reason MODEL_OVERLOADED.</summary>
    public int MaxWaitingCalls { get; init; } = 1000;
}
