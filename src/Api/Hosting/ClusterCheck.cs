using GenAI.Chats.Silo.Clustering;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GenAI.Chats.Api.Hosting;

/// <summary>Checks that a front door without its own silo is connected to one.</summary>
internal sealed class ClusterCheck(ClusterConnection connection) : IHealthCheck
{
    /// <summary>The name of the check.</summary>
    public const string Name = "cluster";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(connection.HasGateway ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Not connected to any silo."));
}
