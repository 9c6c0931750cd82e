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
internal sealed class HealthService(HealthCheckService checks, IOptions<HealthServiceOptions> options, IHostApplicationLifetime lifetime, TimeProvider time)
    : Health.HealthBase
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    public override async Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        IsKnown(request.Service)
            ? new HealthCheckResponse { Status = await StatusAsync(context.CancellationToken) }
            : throw new RpcException(new Status(StatusCode.NotFound, $"This server has no service '{request.Service}'."));

    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        ServingStatus? told = null;
        while (!context.CancellationToken.IsCancellationRequested)
        {
            // A server that stops waits for its calls: this one ends with that.
            var isLast = lifetime.ApplicationStopping.IsCancellationRequested;
            var status = IsKnown(request.Service) ? await StatusAsync(context.CancellationToken) : ServingStatus.ServiceUnknown;
            if (status != told)
            {
                await responseStream.WriteAsync(new HealthCheckResponse { Status = status }, context.CancellationToken);
                told = status;
            }

            if (isLast)
            {
                return;
            }

            await Task.Delay(Period, time, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsKnown(string service) => service.Length == 0 || options.Value.Services.Contains(service);

    private async Task<ServingStatus> StatusAsync(CancellationToken cancellationToken) =>
        (await checks.CheckHealthAsync(cancellationToken)).Status == HealthStatus.Unhealthy ? ServingStatus.NotServing : ServingStatus.Serving;
}

/// <summary>What the health service answers for, besides the server as a whole.</summary>
internal sealed record HealthServiceOptions
{
    /// <summary>The full names of gRPC services.</summary>
    public HashSet<string> Services { get; } = new(StringComparer.Ordinal);
}
