namespace GenAI.Chats.Models.Routing;

/// <summary>
/// Where the models of a name, or of a pattern of names, are, and how they are called. An entry of <c>Models:Routes</c>. A route with one
/// target may give it in its own members.
/// </summary>
public sealed record ModelRoute : ModelTarget
{
    /// <summary>The model's name; <c>*</c> stands for any run of characters.</summary>
    public string Name { get; init; } = "";

    /// <summary>The targets in order of preference. Empty: the route's own members are its one target.</summary>
    public IList<ModelTarget> Targets { get; init; } = [];

    /// <summary>
    /// Whether clients may add members to the requests of its models: <c>config.http_options.extra_body</c>. These go to the model's API with the
    /// server's key, and what they mean is the API's business: some take another model's name, or an address. Default false.
    /// </summary>
    public bool AllowExtraBody { get; init; }

    /// <summary>When failed calls are made again.</summary>
    public RetryOptions Retry { get; init; } = new();

    /// <summary>How many calls may be made, by all chats of this server together.</summary>
    public CallLimitOptions Limits { get; init; } = new();

    /// <summary>How long a turn may wait for its model.</summary>
    public CallTimeoutOptions Timeouts { get; init; } = new();

    /// <summary>When a target that fails often is left alone.</summary>
    public CircuitBreakerOptions CircuitBreaker { get; init; } = new();

    /// <summary>Without keys.</summary>
    public override string ToString() => $"{Name} -> {string.Join(", ", AllTargets())}";

    /// <summary>The targets, or the route's own members as the only one.</summary>
    internal IEnumerable<ModelTarget> AllTargets() => Targets.Count > 0 ? Targets : [ToTarget()];
}
