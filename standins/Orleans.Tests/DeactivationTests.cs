using Orleans.Configuration;
using Orleans.Storage;

namespace Orleans.StandIn.Tests;

public sealed class DeactivationTests
{
    [Fact]
    public async Task DeactivateOnIdle_InARequest_EndsTheActivationAfterIt()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var before = await grain.Activation();

        await grain.Run(self =>
        {
            self.DeactivateOnIdle();
            self.Probe.Write("still here");
            return Task.CompletedTask;
        });

        Assert.NotEqual(before, await grain.Activation());
        Assert.Equal(["activated", "still here", "deactivated: ApplicationRequested, token open", "activated"], silo.Probe.Log);
    }

    [Fact]
    public async Task Deactivation_WhileRequestsRun_WaitsForThem()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var running = grain.Run(self => self.Probe.WaitAsync("go on"));
        await grain.RunInterleaved(_ => Task.CompletedTask);
        var deactivated = silo.Cluster.DeactivateAsync(grain);
        Assert.False(deactivated.IsCompleted);
        silo.Probe.Open("go on");
        await Task.WhenAll(running, deactivated);

        Assert.Equal("deactivated: ApplicationRequested, token open", silo.Probe.Log[^1]);
    }

    [Fact]
    public async Task Requests_OnceDeactivationHasBegun_GoToTheNextActivationEvenIfAlwaysInterleave()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var before = await grain.Activation();

        var running = grain.Run(self => self.Probe.WaitAsync("go on"));
        await grain.RunInterleaved(_ => Task.CompletedTask);
        var deactivated = silo.Cluster.DeactivateAsync(grain);
        ActivationId metBy = default;
        var interleaved = grain.RunInterleaved(self => Task.FromResult(metBy = self.GrainContext.ActivationId));
        var plain = grain.Activation();
        Assert.False(interleaved.IsCompleted);
        silo.Probe.Open("go on");
        await Task.WhenAll(running, deactivated, interleaved);

        Assert.NotEqual(before, metBy);
        Assert.Equal(metBy, await plain);
    }

    [Fact]
    public async Task OnDeactivate_AfterALongRequest_GetsACanceledToken()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var running = grain.Run(self => self.Probe.WaitAsync("go on"));
        await grain.RunInterleaved(_ => Task.CompletedTask);
        var deactivated = silo.Cluster.DeactivateAsync(grain);
        silo.Clock.Advance(new GrainCollectionOptions().DeactivationTimeout);
        silo.Probe.Open("go on");
        await deactivated;

        Assert.Equal("deactivated: ApplicationRequested, token canceled", silo.Probe.Log[^1]);
        await Assert.ThrowsAsync<TimeoutException>(() => running);
    }

    [Fact]
    public async Task Deactivation_DoesNotWaitForBackgroundWork()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        await grain.Run(self =>
        {
            _ = WorkAsync(self);
            return Task.CompletedTask;
        });
        await silo.Cluster.DeactivateAsync(grain);
        silo.Probe.Open("go on");
        await silo.Probe.WaitAsync("work ended on its scheduler: True");

        static async Task WorkAsync(ScriptGrain self)
        {
            await self.Probe.WaitAsync("go on");
            self.Probe.Write($"work ended on its scheduler: {TaskScheduler.Current == self.GrainContext.Scheduler}");
        }
    }

    [Fact]
    public async Task MigrateOnIdle_WithOneSilo_ComesBackOnIt()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var before = await grain.Activation();

        await grain.Run(self =>
        {
            self.MigrateOnIdle();
            return Task.CompletedTask;
        });

        Assert.NotEqual(before, await grain.Activation());
        Assert.Contains("deactivated: Migrating, token open", silo.Probe.Log);
    }

    [Fact]
    public async Task InconsistentState_LeavingAMethod_EndsTheActivation()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var before = await grain.Activation();

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Run(_ => throw new InconsistentStateException("stale")));

        Assert.NotEqual(before, await grain.Activation());
        Assert.Contains("deactivated: ApplicationError, token open", silo.Probe.Log);
    }

    [Fact]
    public async Task InconsistentState_OfACallee_DoesNotEndItsCaller()
    {
        await using var silo = await TestSilo.StartAsync();
        var (caller, callee) = (silo.New<IScriptGrain>(), silo.New<IScriptGrain>());
        var (callerBefore, calleeBefore) = (await caller.Activation(), await callee.Activation());

        await Assert.ThrowsAsync<InconsistentStateException>(() =>
            caller.Run(_ => callee.Run(_ => throw new InconsistentStateException("stale"))));

        Assert.Equal(callerBefore, await caller.Activation());
        Assert.NotEqual(calleeBefore, await callee.Activation());
    }

    [Fact]
    public async Task InconsistentState_InBackgroundWork_DoesNothing()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var before = await grain.Activation();
        Task? work = null;

        await grain.Run(_ =>
        {
            work = WorkAsync();
            return Task.CompletedTask;
        });
        await Assert.ThrowsAsync<InconsistentStateException>(() => work!);

        Assert.Equal(before, await grain.Activation());

        static async Task WorkAsync()
        {
            await Task.Yield();
            throw new InconsistentStateException("stale");
        }
    }

    [Fact]
    public async Task Exception_OfAMethod_ReachesTheCallerAsThrownAndLeavesTheActivation()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var before = await grain.Activation();

        var exception = await Assert.ThrowsAsync<InvalidTimeZoneException>(
            () => grain.Run(_ => throw new InvalidTimeZoneException("as thrown")));

        Assert.Equal("as thrown", exception.Message);
        Assert.Equal(before, await grain.Activation());
    }

    [Fact]
    public async Task Calls_WhileActivationsComeAndGo_AllRunOnOneActivationAtATime()
    {
        await using var silo = await TestSilo.StartAsync(
            builder => builder.Configure<SiloMessagingOptions>(options => options.MaxForwardCount = int.MaxValue));
        var grain = silo.New<IScriptGrain>();
        var (inside, overlaps, ran) = (0, 0, 0);

        async Task CallAsync(ScriptGrain self)
        {
            overlaps += Interlocked.Increment(ref inside) == 1 ? 0 : 1;
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            if (++ran % 7 == 0)
            {
                self.DeactivateOnIdle();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 250; i++)
            {
                await grain.Run(CallAsync);
            }
        })));

        Assert.Equal((2000, 0), (ran, overlaps));
        Assert.True(silo.Probe.Log.Count(line => line == "activated") > 100);
    }

    [Fact]
    public async Task Request_ThatMeetsTooManyEndingActivations_IsRejected()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grains.GetGrain<IShortLivedGrain>("a");

        await Assert.ThrowsAsync<OrleansMessageRejectionException>(grain.Ping);
    }
}

internal interface IShortLivedGrain : IGrainWithStringKey
{
    Task Ping();
}

/// <summary>Ends while it is being activated.</summary>
internal sealed class ShortLivedGrain : Grain, IShortLivedGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task Ping() => Task.CompletedTask;
}
