using Orleans.Concurrency;

namespace Orleans.StandIn.Tests;

public sealed class InterleavingTests
{
    [Fact]
    public async Task PlainRequest_WhileAnotherRuns_WaitsForItsEnd()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var first = grain.Run(self => RunUntil(self, "first", "go on"));
        await silo.Probe.WaitAsync("first began");
        var second = grain.Run(self => RunUntil(self, "second", "go on"));
        await grain.RunInterleaved(_ => Task.CompletedTask);
        Assert.DoesNotContain("second began", silo.Probe.Log);
        silo.Probe.Open("go on");
        await Task.WhenAll(first, second);

        Assert.Equal(["first began", "first ended", "second began", "second ended"], silo.Probe.Log[1..]);
    }

    [Fact]
    public async Task AlwaysInterleave_WhileAnotherRuns_StartsAtOnce()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var first = grain.Run(self => RunUntil(self, "first", "go on"));
        await silo.Probe.WaitAsync("first began");
        await grain.RunInterleaved(self => RunUntil(self, "read", "activated"));

        Assert.False(first.IsCompleted);
        silo.Probe.Open("go on");
        await first;
    }

    [Fact]
    public async Task AlwaysInterleave_WhileItRuns_BlocksNoOther()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var read = grain.RunInterleaved(self => RunUntil(self, "read", "go on"));
        await silo.Probe.WaitAsync("read began");
        await grain.Run(_ => Task.CompletedTask);

        Assert.False(read.IsCompleted);
        silo.Probe.Open("go on");
        await read;
    }

    [Fact]
    public async Task AlwaysInterleave_SentAfterQueuedRequests_PassesThem()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var first = grain.Run(self => RunUntil(self, "first", "go on"));
        await silo.Probe.WaitAsync("first began");
        Task[] queued = [grain.Run(_ => Task.CompletedTask), grain.Run(_ => Task.CompletedTask)];
        await grain.RunInterleaved(_ => Task.CompletedTask);

        Assert.DoesNotContain(queued, task => task.IsCompleted);
        silo.Probe.Open("go on");
        await Task.WhenAll([first, .. queued]);
    }

    [Fact]
    public async Task Reentrant_Requests_RunBesideEachOther()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IReentrantGrain>();

        var waiting = grain.Wait();
        await silo.Probe.WaitAsync("waiting");
        await grain.Ping();

        Assert.False(waiting.IsCompleted);
        silo.Probe.Open("go on");
        await waiting;
    }

    [Fact]
    public async Task ReadOnly_BesideReadOnly_StartsAtOnce()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var first = grain.RunReadOnly(self => RunUntil(self, "first", "go on"));
        await silo.Probe.WaitAsync("first began");
        await grain.RunReadOnly(_ => Task.CompletedTask);

        Assert.False(first.IsCompleted);
        silo.Probe.Open("go on");
        await first;
    }

    [Fact]
    public async Task ReadOnly_WhileAWriteRuns_Waits()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var write = grain.Run(self => RunUntil(self, "write", "go on"));
        await silo.Probe.WaitAsync("write began");
        var read = grain.RunReadOnly(_ => Task.CompletedTask);
        await grain.RunInterleaved(_ => Task.CompletedTask);

        Assert.False(read.IsCompleted);
        silo.Probe.Open("go on");
        await Task.WhenAll(write, read);
    }

    [Fact]
    public async Task Write_WhenTheFirstOfTwoReadersEnds_StartsBesideTheSecond()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var first = grain.RunReadOnly(self => RunUntil(self, "first", "end first"));
        await silo.Probe.WaitAsync("first began");
        var second = grain.RunReadOnly(self => RunUntil(self, "second", "end second"));
        await silo.Probe.WaitAsync("second began");
        silo.Probe.Open("end first");
        await first;
        await grain.Run(_ => Task.CompletedTask);

        Assert.False(second.IsCompleted);
        silo.Probe.Open("end second");
        await second;
    }

    [Fact]
    public async Task CallBackToTheCaller_WithoutReentrancy_WaitsUntilItsTimeout()
    {
        await using var silo = await TestSilo.StartAsync();
        var (caller, callee) = (silo.New<IScriptGrain>(), silo.New<IScriptGrain>());

        var call = caller.Run(_ => callee.Run(self =>
        {
            self.Probe.Write("called");
            return caller.Run(_ => Task.CompletedTask);
        }));
        await silo.Probe.WaitAsync("called");
        await callee.RunInterleaved(_ => Task.CompletedTask);
        silo.Clock.Advance(TimeSpan.FromSeconds(30));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    [Fact]
    public async Task CallBackToTheCaller_InAReentrantSection_Runs()
    {
        await using var silo = await TestSilo.StartAsync();
        var (caller, callee) = (silo.New<IScriptGrain>(), silo.New<IScriptGrain>());

        await caller.Run(async _ =>
        {
            using var section = RequestContext.AllowCallChainReentrancy();
            await callee.Run(_ => caller.Run(_ => Task.CompletedTask));
        });
    }

    [Fact]
    public async Task OneWay_Call_EndsForTheCallerAtOnceWhateverComes()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var call = grain.RunOneWay(async self =>
        {
            await self.Probe.WaitAsync("go on");
            throw new InvalidOperationException("Nobody hears of it.");
        });

        Assert.True(call.IsCompletedSuccessfully);
        silo.Probe.Open("go on");
        await grain.Run(_ => Task.CompletedTask);
    }

    private static async Task RunUntil(ScriptGrain grain, string name, string signal)
    {
        grain.Probe.Write($"{name} began");
        await grain.Probe.WaitAsync(signal);
        grain.Probe.Write($"{name} ended");
    }
}

internal interface IReentrantGrain : IGrainWithStringKey
{
    Task Wait();

    Task Ping();
}

[Reentrant]
internal sealed class ReentrantGrain(Probe probe) : Grain, IReentrantGrain
{
    public Task Wait()
    {
        probe.Write("waiting");
        return probe.WaitAsync("go on");
    }

    public Task Ping() => Task.CompletedTask;
}
