using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace GenAI.Chats.Silo.HealthChecks;

/// <summary>
/// The gRPC health protocol (grpc.health.v1), with the status of the server's health checks. Watchers get changes within about a second.
/// </summary>
/// <remarks>
/// The service of Grpc.AspNetCore.HealthChecks sends watchers the current status first, and then only changes between its periodic reports. A watcher that
/// starts during a short failure isn't notified when the server recovers.
/// </remarks>
[BindServiceMethod(typeof(HealthBinder), nameof(HealthBinder.BindService))]
internal sealed class HealthService(HealthState state, IOptions<HealthServiceOptions> options, IHostApplicationLifetime lifetime) : Health.HealthBase
{
    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        IsKnown(request.Service)
            ? new HealthCheckResponse { Status = Of(await state.AskAsync(context.CancellationToken)) }
            : throw new RpcException(new Status(StatusCode.NotFound, $"Unknown service '{request.Service}'."));

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        try
        {
            await WatchAsync(request.Service, responseStream, context.CancellationToken);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The watcher disconnected.
        }
    }

    private async Task WatchAsync(string service, IServerStreamWriter<HealthCheckResponse> watcher, CancellationToken cancellationToken)
    {
        ServingStatus? sent = null;
        while (true)
        {
            // A stopping server waits for its calls to end, so this one sends the last status and ends.
            var isLast = lifetime.ApplicationStopping.IsCancellationRequested;
            var health = await (sent is null || isLast ? state.AskAsync(cancellationToken) : state.NextAsync(cancellationToken));
            var status = IsKnown(service) ? Of(health) : ServingStatus.ServiceUnknown;
            if (status != sent)
            {
                await watcher.WriteAsync(new HealthCheckResponse { Status = status }, cancellationToken);
                sent = status;
            }

            if (isLast)
            {
                return;
            }
        }
    }

    private bool IsKnown(string service) => service.Length == 0 || options.Value.Services.Contains(service);

    private static ServingStatus Of(HealthStatus health) => health == HealthStatus.Unhealthy ? ServingStatus.NotServing : ServingStatus.Serving;
}

/// <summary>Options of <see cref="HealthService"/>.</summary>
internal sealed record HealthServiceOptions
{
    /// <summary>The full names of gRPC services that have the health of the server.</summary>
    public HashSet<string> Services { get; } = new(StringComparer.Ordinal);
}
