using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Sessions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Whether this server takes requests: it has started, is not stopping, and has its store, where it has one of its own, undamaged.</summary>
internal sealed class ReadyCheck(ServerState server, IHostApplicationLifetime lifetime, StoreBeat? beat = null, StoreHealth? store = null) : IHealthCheck
{
    /// <summary>The check's name.</summary>
    public const string Name = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Obstacle() is { } obstacle ? HealthCheckResult.Unhealthy(obstacle) : HealthCheckResult.Healthy());

    private string? Obstacle()
    {
        // As soon as the process is to stop, before anything of it does: watches end with this answer then.
        if (server.Draining || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return "The server is stopping.";
        }

        if (!lifetime.ApplicationStarted.IsCancellationRequested)
        {
            return "The server is starting.";
        }

        if (store?.Damage is { } damage)
        {
            return damage;
        }

        return beat is { Age: var age, Limit: var limit } && age > limit
            ? FormattableString.Invariant($"The store has taken no write for {age.TotalSeconds:0} s (Chats:OwnerLifetime is {limit}).")
            : null;
    }
}
