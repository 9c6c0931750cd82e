using GenAI.Chats.Grains.Engine;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Whether this server takes requests: it has started, and is not stopping.</summary>
internal sealed class ReadyCheck(ServerState server, IHostApplicationLifetime lifetime) : IHealthCheck
{
    /// <summary>The check's name.</summary>
    public const string Name = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.ApplicationStarted.IsCancellationRequested && !server.Draining
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy(server.Draining ? "The server is stopping." : "The server is starting."));
}
