using Grpc.HealthCheck;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Sets the status of every mapped service after each periodic run of the health checks.</summary>
internal sealed class GrpcHealthChecksPublisher(HealthServiceImpl statuses, IOptions<GrpcHealthChecksOptions> options) : IHealthCheckPublisher
{
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (var service in options.Value.Services)
        {
            var entries = report.Entries.Where(entry => service.Covers(entry.Key, entry.Value.Tags)).Select(entry => entry.Value);
            statuses.SetStatus(service.Name, entries.ToServingStatus());
        }

        return Task.CompletedTask;
    }
}
