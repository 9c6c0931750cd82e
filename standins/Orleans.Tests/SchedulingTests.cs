namespace Orleans.StandIn.Tests;

public sealed class SchedulingTests
{
    [Fact]
    public async Task Call_OfNewGrain_ActivatesItFirst()
    {
        await using var silo = await TestSilo.StartAsync();

        await silo.New<IScriptGrain>().Run(grain =>
        {
            grain.Probe.Write("ran");
            return Task.CompletedTask;
        });

        Assert.Equal(["activated", "ran"], silo.Probe.Log);
    }

    [Fact]
    public async Task Calls_OfOneGrain_MeetOneActivation()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var activations = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () => await grain.Activation())));

        Assert.Single(activations.Distinct());
        Assert.Single(silo.Probe.Log);
    }

    [Fact]
    public async Task Code_AfterAwaits_StaysOnTheGrainsScheduler()
    {
        await using var silo = await TestSilo.StartAsync();

        await silo.New<IScriptGrain>().Run(async grain =>
        {
            var scheduler = TaskScheduler.Current;
            Assert.Same(grain.GrainContext.Scheduler, scheduler);
            await Task.Yield();
            Assert.Same(scheduler, TaskScheduler.Current);
            await Task.Run(() => Assert.NotSame(scheduler, TaskScheduler.Current));
            Assert.Same(scheduler, TaskScheduler.Current);
        });
    }

    [Fact]
    public async Task BackgroundWork_BesideRequests_NeverRunsAtTheSameTime()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var inside = 0;
        var overlaps = 0;

        void Step()
        {
            if (Interlocked.Increment(ref inside) != 1)
            {
                overlaps++;
            }

            Thread.SpinWait(200);
            Interlocked.Decrement(ref inside);
        }

        async Task Work(ScriptGrain _)
        {
            for (var i = 0; i < 200; i++)
            {
                Step();
                await Task.Yield();
            }
        }

        Task? background = null;
        await grain.Run(self =>
        {
            background = Work(self);
            return Task.CompletedTask;
        });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => grain.RunInterleaved(Work)));
        await background!;

        Assert.Equal(0, overlaps);
    }

    [Fact]
    public async Task Call_FromAGrain_ComesBackToItsScheduler()
    {
        await using var silo = await TestSilo.StartAsync();
        var other = silo.New<IScriptGrain>();

        await silo.New<IScriptGrain>().Run(async grain =>
        {
            await other.Run(callee => Task.FromResult(callee.GrainContext.Scheduler));
            Assert.Same(grain.GrainContext.Scheduler, TaskScheduler.Current);
        });
    }

    [Fact]
    public async Task Activate_Failing_FailsThePendingCallersAndTheNextCallActivatesAnew()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IFailingGrain>();

        var first = grain.Ping();
        var second = grain.Ping();
        await silo.EndFailedActivationAsync();

        Assert.Equal("failed once", (await Assert.ThrowsAsync<InvalidTimeZoneException>(() => first)).Message);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => second);
        await grain.Ping();
        Assert.False(silo.Probe.Log.Contains("deactivated"));
    }

    [Fact]
    public async Task RequestContext_OfTheCaller_ReachesTheGrainAndNotTheNextRequest()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        object? seen = null;

        RequestContext.Set("key", "value");
        await grain.Run(_ => Task.FromResult(seen = RequestContext.Get("key")));
        RequestContext.Clear();

        Assert.Equal("value", seen);
        await grain.Run(_ => Task.FromResult(seen = RequestContext.Get("key")));
        Assert.Null(seen);
    }
}

internal interface IFailingGrain : IGrainWithStringKey
{
    Task Ping();
}

/// <summary>Fails its first activation.</summary>
internal sealed class FailingGrain(Probe probe) : Grain, IFailingGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (probe.Log.Contains("failed once"))
        {
            return Task.CompletedTask;
        }

        probe.Write("failed once");
        throw new InvalidTimeZoneException("failed once");
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Write("deactivated");
        return Task.CompletedTask;
    }

    public Task Ping() => Task.CompletedTask;
}
