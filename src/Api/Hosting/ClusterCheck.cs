using GenAI.Chats.Silo.Clustering;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GenAI.Chats.Api.Hosting;

/// <summary>Whether a front door without a silo of its own is connected to one.</summary>
internal sealed class ClusterCheck(ClusterConnection connection) : IHealthCheck
{
    /// <summary>The check's name.</summary>
    public const string Name = "cluster";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(connection.HasGateway ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("No silo of the cluster is connected."));
}
