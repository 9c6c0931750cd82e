using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>
/// Whether the server is well, by its health checks. While anybody watches, they're asked once a second, however many watch: anyone may, without credentials.
/// </summary>
internal sealed class HealthState(HealthCheckService checks, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<HealthStatus>? _next;

    /// <summary>What the checks say now.</summary>
    public async Task<HealthStatus> AskAsync(CancellationToken cancellationToken) => (await checks.CheckHealthAsync(cancellationToken)).Status;

    /// <summary>What the checks say a second from now, or when the server is told to stop: all who ask meanwhile get the same answer.</summary>
    public Task<HealthStatus> NextAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_next is not { IsCompleted: false })
            {
                _next = AskLaterAsync();
            }

            return _next.WaitAsync(cancellationToken);
        }
    }

    private async Task<HealthStatus> AskLaterAsync()
    {
        await Task.Delay(Period, time, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        return await AskAsync(CancellationToken.None);
    }
}
