namespace GenAI.Chats.Silo.Stopping;

/// <summary>
/// Starts and stops Orleans' silo. If a silo was declared dead while it was frozen, and is stopped before it notices, it would wait until the shutdown timeout for
/// other silos to take over its part of the grain directory, although they have already done so. So in this case, the stop doesn't wait.
/// </summary>
internal sealed partial class SiloStop(
    IHostedService silo, SiloEnd end, IClusterMembershipService membership, ILocalSiloDetails local, ILogger<SiloStop> logger) : IHostedService
{
    private const string OrleansService = "SiloHostedService";

    /// <summary>Replaces Orleans' own hosted service.</summary>
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
                // At its end, the silo declares itself dead. That update can still arrive after the wait for updates is over.
                if (members.GetSiloStatus(local.SiloAddress) == SiloStatus.Dead && !over.IsCancellationRequested)
                {
                    DeclaredDead();
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

    [LoggerMessage(
        50,
        LogLevel.Warning,
        "The other silos declared this silo dead before it stopped. It hands nothing over, because they have taken over its chats.")]
    private partial void DeclaredDead();
}
