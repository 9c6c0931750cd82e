namespace Grpc.AspNetCore.HealthChecks;

/// <summary>The health checks that make up the status of one gRPC service.</summary>
public sealed class ServiceMapping(string name, Func<HealthCheckMapContext, bool> predicate)
{
    /// <summary>What clients ask for; empty for the server as a whole.</summary>
    public string Name { get; } = name;

    public Func<HealthCheckMapContext, bool>? HealthCheckPredicate { get; } = predicate;

    internal bool Covers(string check, IEnumerable<string> tags) =>
        HealthCheckPredicate is null || HealthCheckPredicate(new HealthCheckMapContext(check, tags));
}

/// <summary>The health check of which a <see cref="ServiceMapping"/> is asked whether it counts.</summary>
public sealed class HealthCheckMapContext(string name, IEnumerable<string> tags)
{
    public string Name { get; } = name;

    public IEnumerable<string> Tags { get; } = tags;
}
