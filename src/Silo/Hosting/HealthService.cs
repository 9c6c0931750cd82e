using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>
/// gRPC's health protocol (grpc.health.v1) over the server's health checks. Who watches is told of a change within about a second, and nothing that was told
/// last stays untrue for longer.
/// </summary>
/// <remarks>
/// Grpc.AspNetCore.HealthChecks has watchers begin with what is so now, and then tells them of changes between its periodic reports: who comes while
/// something passes, between two of them, is not told when it comes back.
/// </remarks>
[BindServiceMethod(typeof(HealthBinder), nameof(HealthBinder.BindService))]
internal sealed class HealthService(HealthState state, IOptions<HealthServiceOptions> options, IHostApplicationLifetime lifetime) : Health.HealthBase
{
    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        IsKnown(request.Service)
            ? new HealthCheckResponse { Status = Of(await state.AskAsync(context.CancellationToken)) }
            : throw new RpcException(new Status(StatusCode.NotFound, $"This server has no service '{request.Service}'."));

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        try
        {
            await WatchAsync(request.Service, responseStream, context.CancellationToken);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The watcher has gone.
        }
    }

    private async Task WatchAsync(string service, IServerStreamWriter<HealthCheckResponse> watcher, CancellationToken cancellationToken)
    {
        ServingStatus? told = null;
        while (true)
        {
            // A server that stops waits for its calls: this one ends with what holds then.
            var isLast = lifetime.ApplicationStopping.IsCancellationRequested;
            var health = await (told is null || isLast ? state.AskAsync(cancellationToken) : state.NextAsync(cancellationToken));
            var status = IsKnown(service) ? Of(health) : ServingStatus.ServiceUnknown;
            if (status != told)
            {
                await watcher.WriteAsync(new HealthCheckResponse { Status = status }, cancellationToken);
                told = status;
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

/// <summary>What the health service answers for, besides the server as a whole.</summary>
internal sealed record HealthServiceOptions
{
    /// <summary>The full names of gRPC services.</summary>
    public HashSet<string> Services { get; } = new(StringComparer.Ordinal);
}
