using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>
/// Starts and stops Orleans' silo. A silo that was declared dead while it was frozen, and is told to stop before it has noticed, would wait for the others to take
/// over its part of the grain directory until the host's time to stop is over: they have done that already, without it. So its stop doesn't wait.
/// </summary>
internal sealed class SiloStop(
    IHostedService silo, SiloEnd end, IClusterMembershipService membership, ILocalSiloDetails local, ILogger<SiloStop> logger) : IHostedService
{
    private const string OrleansService = "SiloHostedService";

    /// <summary>Puts this in the place of Orleans' own hosted service.</summary>
    public static void Add(IServiceCollection services)
    {
        var orleans = services.Single(static service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Name == OrleansService);
        services.AddSingleton<SiloEnd>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static provider => provider.GetRequiredService<SiloEnd>());
        services[services.IndexOf(orleans)] = ServiceDescriptor.Singleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<SiloStop>(
            provider, ActivatorUtilities.CreateInstance(provider, orleans.ImplementationType!)));
    }

    public Task StartAsync(CancellationToken cancellationToken) => silo.StartAsync(cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end.Begun);
        var watching = WatchAsync(hurry, over.Token);
        try
        {
            await silo.StopAsync(hurry.Token);
        }
        finally
        {
            await over.CancelAsync();
            await watching;
        }
    }

    private async Task WatchAsync(CancellationTokenSource hurry, CancellationToken over)
    {
        try
        {
            await foreach (var members in membership.MembershipUpdates.WithCancellation(over))
            {
                // At its end the silo declares itself dead; an update can come though the wait for it is over.
                if (members.GetSiloStatus(local.SiloAddress) == SiloStatus.Dead && !over.IsCancellationRequested)
                {
                    SiloLog.DeclaredDead(logger);
                    await hurry.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The silo ended as usual.
        }
    }
}
