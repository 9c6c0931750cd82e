using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.TestingHost;

namespace Orleans.StandIn.Tests;

/// <summary>A cluster of one silo whose clock the test moves.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private TestSilo(InProcessTestCluster cluster, FakeTimeProvider clock)
    {
        _cluster = cluster;
        Clock = clock;
    }

    public FakeTimeProvider Clock { get; }

    public InProcessTestCluster Cluster => _cluster;

    public IGrainFactory Grains => _cluster.Client;

    public Probe Probe => Services.GetRequiredService<Probe>();

    public IServiceProvider Services => _cluster.GetSiloServiceProvider();

    public static async Task<TestSilo> StartAsync(
        Action<ISiloBuilder>? configure = null, Action<IHostApplicationBuilder>? configureBoth = null)
    {
        var clock = new FakeTimeProvider();
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureHost(host =>
        {
            host.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
            configureBoth?.Invoke(host);
        });
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<Probe>();
            configure?.Invoke(silo);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new TestSilo(cluster, clock);
    }

    /// <summary>A grain that no other test has.</summary>
    public T New<T>() where T : IGrainWithStringKey => Grains.GetGrain<T>(Guid.NewGuid().ToString("N"));

    public IGrainContext Context(IAddressable grain) =>
        _cluster.TryGetGrainContext(grain.GetGrainId(), out var context)
            ? context
            : throw new InvalidOperationException($"{grain} is not activated.");

    public bool IsActivated(IAddressable grain) => _cluster.TryGetGrainContext(grain.GetGrainId(), out _);

    /// <summary>A failed activation stays for 5 s, and its callers wait as long: waits for the failure and then lets that time pass.</summary>
    public async Task EndFailedActivationAsync()
    {
        var delay = TimeSpan.FromSeconds(5);
        await Clock.WaitForTimerAsync(delay);
        Clock.Advance(delay);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
