using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>The health service over .NET health checks: run for the call, or as last published.</summary>
internal sealed class HealthChecksService(
    HealthServiceImpl published,
    HealthCheckService healthChecks,
    IOptions<HealthCheckOptions> healthCheckOptions,
    IOptions<GrpcHealthChecksOptions> options,
    IHostApplicationLifetime lifetime) : Health.V1.Health.HealthBase
{
    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
    {
        if (options.Value.UseHealthChecksCache)
        {
            return await published.Check(request, context).ConfigureAwait(false);
        }

        var status = await RunChecksAsync(request.Service, context.CancellationToken).ConfigureAwait(false);
        return status == ServingStatus.ServiceUnknown
            ? throw new RpcException(new Status(StatusCode.NotFound, ""))
            : new HealthCheckResponse { Status = status };
    }

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        var stopping = options.Value.SuppressCompletionOnShutdown ? CancellationToken.None : lifetime.ApplicationStopping;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stopping);
        var runChecks = !options.Value.UseHealthChecksCache;
        await foreach (var change in published.StatusesAsync(request.Service, end.Token).ConfigureAwait(false))
        {
            // Only the first answer is worth a run of its own: later ones come because a run has just found a change.
            var status = runChecks
                ? await RunChecksAsync(request.Service, context.CancellationToken).ConfigureAwait(false)
                : change;
            runChecks = false;
            await responseStream.WriteAsync(new HealthCheckResponse { Status = status }).ConfigureAwait(false);
        }

        if (stopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            await responseStream.WriteAsync(new HealthCheckResponse { Status = ServingStatus.NotServing }).ConfigureAwait(false);
        }
    }

    private async Task<ServingStatus> RunChecksAsync(string service, CancellationToken cancellationToken)
    {
        if (!options.Value.Services.TryGet(service, out var mapping))
        {
            return ServingStatus.ServiceUnknown;
        }

        var counts = healthCheckOptions.Value.Predicate ?? (_ => true);
        var report = await healthChecks
            .CheckHealthAsync(check => counts(check) && mapping.Covers(check.Name, check.Tags), cancellationToken)
            .ConfigureAwait(false);
        return report.Entries.Values.ToServingStatus();
    }
}
