using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GenAI.Chats.Silo.HealthChecks;

/// <summary>
/// Runs the server's health checks. For watchers, which need no credentials, they run once a second, regardless of the number of watchers.
/// </summary>
internal sealed class HealthState(HealthCheckService checks, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<HealthStatus>? _next;

    /// <summary>Runs the checks now.</summary>
    public async Task<HealthStatus> AskAsync(CancellationToken cancellationToken) => (await checks.CheckHealthAsync(cancellationToken)).Status;

    /// <summary>Runs the checks in a second, or when the server begins to stop. All calls during that time share the result.</summary>
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
