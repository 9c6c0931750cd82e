using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Grains.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GenAI.Chats.Silo.HealthChecks;

/// <summary>
/// Checks whether this server is ready: it has started, isn't stopping, and its store works, or, if it has no silo of its own, it's connected to one.
/// </summary>
internal sealed class ReadyCheck(
    ServerState server, IHostApplicationLifetime lifetime, HeartbeatService? heartbeat = null, StoreHealth? store = null, ClusterConnection? cluster = null) : IHealthCheck
{
    /// <summary>The check's name.</summary>
    public const string Name = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Obstacle() is { } obstacle ? HealthCheckResult.Unhealthy(obstacle) : HealthCheckResult.Healthy());

    // A server stops as soon as the process begins to stop, because watches then end with this status.
    private string? Obstacle() =>
        server.Draining || lifetime.ApplicationStopping.IsCancellationRequested ? "The server is stopping."
        : !lifetime.ApplicationStarted.IsCancellationRequested ? "The server is starting."
        : cluster is { HasGateway: false } ? "Not connected to any silo."
        : store?.Damage is { } damage ? damage
        : heartbeat is { Age: var age, MaxAge: var limit } && age > limit
            ? FormattableString.Invariant($"Storage writes have been failing for {age.TotalSeconds:0} s (limit: {limit.TotalSeconds:0.###} s).")
        : null;
}
