using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Orleans.StandIn.Tests;

public sealed class TimeoutTests
{
    [Fact]
    public async Task Call_WithoutAResponseFor30Seconds_TimesOutAndGoesOnAtTheGrain()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var call = grain.Run(WaitForSignal);
        await silo.Probe.WaitAsync("began");
        silo.Clock.Advance(TimeSpan.FromSeconds(29.9));
        Assert.False(call.IsCompleted);
        silo.Clock.Advance(TimeSpan.FromSeconds(0.1));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
        silo.Probe.Open("go on");
        await silo.Probe.WaitAsync("ended");
    }

    [Fact]
    public async Task ResponseTimeoutAttribute_OnTheMethod_GoesBeforeTheOptions()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var call = grain.RunWithin5Seconds(WaitForSignal);
        await silo.Probe.WaitAsync("began");
        silo.Clock.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
        silo.Probe.Open("go on");
    }

    [Fact]
    public async Task ResponseTimeout_OfCallers_IsThatOfTheirSide()
    {
        await using var silo = await TestSilo.StartAsync(
            builder => builder.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(10)),
            host => host.Services.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(20)));
        var key = Guid.NewGuid().ToString("N");
        var ofClient = silo.Grains.GetGrain<IScriptGrain>(key).Run(WaitForSignal);
        var ofSilo = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IScriptGrain>(key).Run(WaitForSignal);
        await silo.Probe.WaitAsync("began");

        silo.Clock.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<TimeoutException>(() => ofSilo);
        Assert.False(ofClient.IsCompleted);
        silo.Clock.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<TimeoutException>(() => ofClient);
        silo.Probe.Open("go on");
    }

    [Fact]
    public async Task QueuedCall_PastItsTimeout_IsNeverRun()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var ran = false;

        var running = grain.Run(WaitForSignal);
        await silo.Probe.WaitAsync("began");
        var queued = grain.RunWithin5Seconds(_ => Task.FromResult(ran = true));
        silo.Clock.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(() => queued);
        silo.Probe.Open("go on");
        await running;
        await grain.Run(_ => Task.CompletedTask);

        Assert.False(ran);
    }

    [Fact]
    public async Task Calls_OfOneTimeout_TimeOutEachAtItsOwnTime()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        var first = grain.RunInterleaved(WaitForSignal);
        silo.Clock.Advance(TimeSpan.FromSeconds(20));
        var second = grain.RunInterleaved(WaitForSignal);
        silo.Clock.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<TimeoutException>(() => first);
        Assert.False(second.IsCompleted);
        silo.Clock.Advance(TimeSpan.FromSeconds(20));

        await Assert.ThrowsAsync<TimeoutException>(() => second);
        silo.Probe.Open("go on");
    }

    [Fact]
    public async Task Queue_OverItsHardLimit_RejectsWithLimitExceeded()
    {
        await using var silo = await TestSilo.StartAsync(
            builder => builder.Configure<SiloMessagingOptions>(options => options.MaxEnqueuedRequestsHardLimit = 2));
        var grain = silo.New<IScriptGrain>();

        var running = grain.Run(WaitForSignal);
        await silo.Probe.WaitAsync("began");
        var waiting = grain.Run(_ => Task.CompletedTask);

        await Assert.ThrowsAsync<LimitExceededException>(() => grain.Run(_ => Task.CompletedTask));
        silo.Probe.Open("go on");
        await Task.WhenAll(running, waiting);
    }

    private static async Task WaitForSignal(ScriptGrain grain)
    {
        grain.Probe.Write("began");
        await grain.Probe.WaitAsync("go on");
        grain.Probe.Write("ended");
    }
}
