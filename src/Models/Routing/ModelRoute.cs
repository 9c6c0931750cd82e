namespace GenAI.Chats.Models.Routing;

/// <summary>
/// The targets for a model name or name pattern, and how to call them: an entry of <c>Models:Routes</c>. A route with one target can specify it
/// with its own members.
/// </summary>
public sealed record ModelRoute : ModelTarget
{
    /// <summary>Gets the model name, or a pattern in which <c>*</c> matches any characters.</summary>
    public string Name { get; init; } = "";

    /// <summary>Gets the targets in order of preference. If empty, the route itself is the target.</summary>
    public IList<ModelTarget> Targets { get; init; } = [];

    /// <summary>
    /// Gets whether clients can add members to model requests with <c>config.http_options.extra_body</c>. They are sent with the server's key, and
    /// some APIs accept another model name or an address in them.
    /// </summary>
    public bool AllowExtraBody { get; init; }

    /// <summary>Gets the retries of failed calls.</summary>
    public RetryOptions Retry { get; init; } = new();

    /// <summary>Gets the limits for all chats of this server together.</summary>
    public CallLimitOptions Limits { get; init; } = new();

    /// <summary>Gets the time limits.</summary>
    public CallTimeoutOptions Timeouts { get; init; } = new();

    /// <summary>Gets the circuit breaker of each target.</summary>
    public CircuitBreakerOptions CircuitBreaker { get; init; } = new();

    /// <summary>Describes the route without keys.</summary>
    public override string ToString() => $"{Name} -> {string.Join(", ", AllTargets())}";

    /// <summary>Returns the targets, or the route itself as the only target.</summary>
    internal IEnumerable<ModelTarget> AllTargets() => Targets.Count > 0 ? Targets : [ToTarget()];
}
