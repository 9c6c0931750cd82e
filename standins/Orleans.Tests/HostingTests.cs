using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Orleans.StandIn.Tests;

public sealed class HostingTests
{
    [Fact]
    public async Task UseOrleans_OnAHost_GivesItsServicesTheGrains()
    {
        using var host = Build(builder => builder.UseOrleans(
            silo => silo.UseLocalhostClustering(gatewayPort: 0).AddDistributedGrainDirectory().AddActivityPropagation()));
        await host.StartAsync();

        await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IScriptGrain>("a").Activation();
        await host.Services.GetRequiredService<IClusterClient>().GetGrain<IScriptGrain>("a").Activation();

        Assert.Equal(["activated"], host.Services.GetRequiredService<Probe>().Log);
        await host.StopAsync();
    }

    [Fact]
    public async Task Stop_EndsAllActivationsAfterTheirRunningRequests()
    {
        var silo = await TestSilo.StartAsync();
        var probe = silo.Probe;
        var (busy, idle) = (silo.New<IScriptGrain>(), silo.New<IScriptGrain>());
        await idle.Activation();
        var running = busy.Run(self => self.Probe.WaitAsync("go on"));
        await busy.RunInterleaved(_ => Task.CompletedTask);

        var stopped = silo.Cluster.StopAllSilosAsync();
        await probe.WaitAsync("deactivated: ShuttingDown, token open");
        Assert.False(stopped.IsCompleted);
        probe.Open("go on");
        await Task.WhenAll(running, stopped);

        Assert.Equal(2, probe.Log.Count(line => line.StartsWith("deactivated: ShuttingDown", StringComparison.Ordinal)));
        await silo.DisposeAsync();
    }

    [Fact]
    public async Task Stop_WhoseTokenEnds_DoesNotWaitForRunningRequests()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var running = grain.Run(self => self.Probe.WaitAsync("go on"));
        await grain.RunInterleaved(_ => Task.CompletedTask);
        var probe = silo.Probe;

        await silo.Cluster.KillSiloAsync(silo.Cluster.Silos[0]);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => running);
        probe.Open("go on");
    }

    [Fact]
    public async Task Calls_AfterTheStop_ThrowSiloUnavailable()
    {
        await using var silo = await TestSilo.StartAsync();
        var (known, unknown) = (silo.New<IScriptGrain>(), silo.New<IScriptGrain>());
        await known.Activation();

        await silo.Cluster.StopAllSilosAsync();

        await Assert.ThrowsAsync<SiloUnavailableException>(async () => await known.Activation());
        await Assert.ThrowsAsync<SiloUnavailableException>(async () => await unknown.Activation());
    }

    [Fact]
    public async Task Calls_WhileTheSiloStops_MeetNoNewActivation()
    {
        await using var silo = await TestSilo.StartAsync();
        var (busy, unknown) = (silo.New<IScriptGrain>(), silo.New<IScriptGrain>());
        var running = busy.Run(self => self.Probe.WaitAsync("go on"));
        await busy.RunInterleaved(_ => Task.CompletedTask);
        var probe = silo.Probe;

        var stopped = silo.Cluster.StopSilosAsync();
        await Assert.ThrowsAsync<SiloUnavailableException>(async () => await unknown.Activation());
        var forwarded = busy.Activation();
        probe.Open("go on");
        await Task.WhenAll(running, stopped);

        await Assert.ThrowsAsync<SiloUnavailableException>(async () => await forwarded);
    }

    [Fact]
    public async Task LifecycleParticipants_AtActive_MayCallGrainsAtStartAndStop()
    {
        var silo = await TestSilo.StartAsync(
            builder => builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, CallingParticipant>());
        var probe = silo.Probe;
        await silo.DisposeAsync();

        Assert.Equal(["activated", "called at start", "called at stop"], probe.Log[..3]);
    }

    [Fact]
    public async Task Scope_OfAnActivation_HoldsItsContextAndEndsWithIt()
    {
        await using var silo = await TestSilo.StartAsync(builder => builder.Services.AddScoped<Scoped>());
        var grain = silo.New<IScopedGrain>();

        await grain.Ping();
        var context = silo.Context(grain);
        var scoped = context.ActivationServices.GetRequiredService<Scoped>();
        Assert.Same(context, scoped.Context);
        Assert.Equal(grain.GetGrainId(), context.GrainId);
        await silo.Cluster.DeactivateAsync(grain);

        Assert.True(scoped.IsDisposed);
        Assert.Contains("grain disposed", silo.Probe.Log);
    }

    [Fact]
    public async Task GetGrain_OfAnInterfaceWithoutAClass_IsRefused()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.Throws<ArgumentException>(() => silo.New<INobodysGrain>());
    }

    [Fact]
    public async Task AsReference_OfAGrain_CallsItThroughItsQueue()
    {
        await using var silo = await TestSilo.StartAsync();
        IScriptGrain? reference = null;
        var grain = silo.New<IScriptGrain>();
        await grain.Run(self => Task.FromResult(reference = self.AsReference<IScriptGrain>()));

        Assert.Equal(await grain.Activation(), await reference!.Activation());
        Assert.Equal(grain.GetPrimaryKeyString(), reference!.GetPrimaryKeyString());
        Assert.Equal("script", grain.GetGrainId().Type.ToString());
    }

    [Fact]
    public void ClusterOptions_FromTheConfiguration_GoBeforeThoseOfLocalhostClustering()
    {
        using var host = Build(builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Orleans:ClusterId"] = "mine" });
            builder.UseOrleans(silo => silo.UseLocalhostClustering(gatewayPort: 0));
        });

        var options = host.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;

        Assert.Equal(("mine", "dev"), (options.ClusterId, options.ServiceId));
    }

    [Fact]
    public async Task Cluster_OfTwoSilos_IsRefusedNamingThePackage()
    {
        var cluster = new InProcessTestClusterBuilder(2).Build();

        var exception = await Assert.ThrowsAsync<PlatformNotSupportedException>(cluster.DeployAsync);

        Assert.Contains("Microsoft.Orleans.TestingHost", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatNeedsACluster_IsRefusedNamingThePackage()
    {
        AssertNames("Client", builder => builder.UseOrleansClient());
        AssertNames(
            "Clustering.AdoNet",
            builder => builder.UseOrleans(silo => silo.UseAdoNetClustering((AdoNetClusteringSiloOptions _) => { })));
        AssertNames("Persistence.AdoNet", builder => builder.UseOrleans(silo => silo.AddAdoNetGrainStorage("a")));
        AssertNames("Persistence.AzureStorage", builder => builder.UseOrleans(silo => silo.AddAzureBlobGrainStorage("a")));

        static void AssertNames(string name, Action<HostApplicationBuilder> use)
        {
            var package = $"Microsoft.Orleans.{name}";
            var exception = Assert.Throws<PlatformNotSupportedException>(() => use(new HostApplicationBuilder()));
            Assert.Contains(package, exception.Message, StringComparison.Ordinal);
        }
    }

    private static IHost Build(Action<HostApplicationBuilder> configure)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<Probe>();
        configure(builder);
        return builder.Build();
    }
}

internal interface INobodysGrain : IGrainWithStringKey;

internal interface IScopedGrain : IGrainWithStringKey
{
    Task Ping();
}

internal sealed class ScopedGrain(Scoped scoped, Probe probe) : Grain, IScopedGrain, IDisposable
{
    public Task Ping() => Task.FromResult(scoped.Context);

    public void Dispose() => probe.Write("grain disposed");
}

internal sealed class Scoped(IGrainContext context) : IDisposable
{
    public IGrainContext Context => context;

    public bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;
}

internal sealed class CallingParticipant(IGrainFactory grains, Probe probe) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        "calling", ServiceLifecycleStage.Active, _ => CallAsync("start"), _ => CallAsync("stop"));

    private async Task CallAsync(string when)
    {
        await grains.GetGrain<IScriptGrain>("participant").Activation();
        probe.Write($"called at {when}");
    }
}
