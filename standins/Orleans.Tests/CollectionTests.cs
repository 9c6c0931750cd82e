using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Orleans.StandIn.Tests;

public sealed class CollectionTests
{
    private static readonly TimeSpan Age = new GrainCollectionOptions().CollectionAge;
    private static readonly TimeSpan Quantum = new GrainCollectionOptions().CollectionQuantum;

    [Fact]
    public async Task IdleActivation_PastItsAge_IsCollected()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        await grain.Activation();

        var ended = silo.Cluster.WaitForDeactivationAsync(grain);
        silo.Clock.Advance(Age - Quantum);
        Assert.False(ended.IsCompleted);
        silo.Clock.Advance(Quantum);
        await ended;

        Assert.Equal(["activated", "deactivated: ActivationIdle, token open"], silo.Probe.Log);
    }

    [Fact]
    public async Task Request_MakesTheActivationYoungAgain()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        await grain.Activation();

        silo.Clock.Advance(Age - Quantum);
        await grain.Activation();
        silo.Clock.Advance(2 * Quantum);

        await AssertStays(silo, grain);
    }

    [Fact]
    public async Task BackgroundWork_DoesNotKeepTheActivation()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        await grain.Run(self =>
        {
            _ = self.Probe.WaitAsync("never");
            return Task.CompletedTask;
        });

        var ended = silo.Cluster.WaitForDeactivationAsync(grain);
        silo.Clock.Advance(Age + Quantum);

        await ended;
    }

    [Fact]
    public async Task RunningRequest_KeepsTheActivation()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var running = grain.Run(self => self.Probe.WaitAsync("go on"));
        await grain.RunInterleaved(_ => Task.CompletedTask);

        silo.Clock.Advance(3 * Age);

        Assert.False(silo.Cluster.WaitForDeactivationAsync(grain).IsCompleted);
        silo.Probe.Open("go on");
        await Assert.ThrowsAsync<TimeoutException>(() => running);
    }

    [Fact]
    public async Task DelayDeactivation_MaxValue_KeepsTheActivationUntilZeroReleasesIt()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        await Delay(grain, TimeSpan.MaxValue);

        silo.Clock.Advance(10 * Age);
        await ForceCollectionAsync(silo);
        Assert.True(silo.IsActivated(grain));
        await Delay(grain, TimeSpan.Zero);
        var ended = silo.Cluster.WaitForDeactivationAsync(grain);
        silo.Clock.Advance(Age + Quantum);

        await ended;
    }

    [Fact]
    public async Task DelayDeactivation_OfATime_KeepsTheActivationForIt()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        await Delay(grain, 3 * Age);

        silo.Clock.Advance(2 * Age);
        await ForceCollectionAsync(silo);
        Assert.True(silo.IsActivated(grain));
        var ended = silo.Cluster.WaitForDeactivationAsync(grain);
        silo.Clock.Advance(2 * Age);

        await ended;
    }

    [Fact]
    public async Task ForceActivationCollection_OfZeroAge_EndsAllThatIsIdle()
    {
        await using var silo = await TestSilo.StartAsync();
        var (idle, busy) = (silo.New<IScriptGrain>(), silo.New<IScriptGrain>());
        await idle.Activation();
        var running = busy.Run(self => self.Probe.WaitAsync("go on"));
        await busy.RunInterleaved(_ => Task.CompletedTask);

        await ForceCollectionAsync(silo);

        Assert.False(silo.IsActivated(idle));
        Assert.True(silo.IsActivated(busy));
        silo.Probe.Open("go on");
        await running;
    }

    [Fact]
    public async Task CollectionAge_OfTheClass_GoesBeforeTheSilos()
    {
        await using var silo = await TestSilo.StartAsync();
        var (young, always) = (silo.New<IYoungGrain>(), silo.New<IAlwaysGrain>());
        await young.Ping();
        await always.Ping();

        var ended = silo.Cluster.WaitForDeactivationAsync(young);
        silo.Clock.Advance(TimeSpan.FromMinutes(4));
        await ended;
        silo.Clock.Advance(10 * Age);

        await ForceCollectionAsync(silo);
        Assert.True(silo.IsActivated(always));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TimerTick_OnlyWithKeepAlive_MakesTheActivationYoungAgain(bool keepAlive)
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        await grain.Run(self =>
        {
            self.RegisterGrainTimer(_ => Ticked(self), new(TimeSpan.FromMinutes(14), Timeout.InfiniteTimeSpan) { KeepAlive = keepAlive });
            return Task.CompletedTask;
        });

        silo.Clock.Advance(TimeSpan.FromMinutes(14));
        await silo.Probe.WaitAsync("ticked");
        var afterTheTick = new Task(static () => { });
        silo.Context(grain).Scheduler.QueueTask(afterTheTick);
        await afterTheTick;
        await silo.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(Age - Quantum);

        Assert.Equal(keepAlive, silo.IsActivated(grain));

        static Task Ticked(ScriptGrain self)
        {
            self.Probe.Write("ticked");
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task CollectionAge_NotAboveTheQuantum_IsRefusedAtStart()
    {
        var exception = await Assert.ThrowsAsync<OrleansConfigurationException>(() => TestSilo.StartAsync(
            builder => builder.Configure<GrainCollectionOptions>(options => options.CollectionAge = options.CollectionQuantum)));

        Assert.Contains("CollectionAge", exception.Message, StringComparison.Ordinal);
    }

    // A collection of what has been idle for an age would end it, so what is there after one was not due.
    private static async Task AssertStays(TestSilo silo, IScriptGrain grain)
    {
        await silo.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(Age);
        Assert.True(silo.IsActivated(grain));
        Assert.DoesNotContain(silo.Probe.Log, line => line.StartsWith("deactivated", StringComparison.Ordinal));
    }

    private static Task ForceCollectionAsync(TestSilo silo) =>
        silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

    private static Task Delay(IScriptGrain grain, TimeSpan time) => grain.Run(self =>
    {
        self.DelayDeactivation(time);
        return Task.CompletedTask;
    });
}

internal interface IYoungGrain : IGrainWithStringKey
{
    Task Ping();
}

[CollectionAgeLimit(Minutes = 2)]
internal sealed class YoungGrain : Grain, IYoungGrain
{
    public Task Ping() => Task.CompletedTask;
}

internal interface IAlwaysGrain : IGrainWithStringKey
{
    Task Ping();
}

[KeepAlive]
internal sealed class AlwaysGrain : Grain, IAlwaysGrain
{
    public Task Ping() => Task.CompletedTask;
}
