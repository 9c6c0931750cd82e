using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Orleans.StandIn.Tests;

public sealed class CancellationTests
{
    [Fact]
    public async Task Cancel_WhileTheGrainRuns_EndsTheCallersWaitAndReachesTheGrain()
    {
        await using var silo = await TestSilo.StartAsync();
        using var source = new CancellationTokenSource();

        var call = silo.New<IScriptGrain>().RunCancelable(WaitForToken, source.Token);
        await silo.Probe.WaitAsync("began");
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await silo.Probe.WaitAsync("saw it");
    }

    [Fact]
    public async Task Cancel_AtTheGrain_RunsCallbacksOnItsScheduler()
    {
        await using var silo = await TestSilo.StartAsync();
        using var source = new CancellationTokenSource();
        var onScheduler = new TaskCompletionSource<bool>();

        var call = silo.New<IScriptGrain>().RunCancelable(
            (grain, token) =>
            {
                token.Register(() => onScheduler.SetResult(TaskScheduler.Current == grain.GrainContext.Scheduler));
                return WaitForToken(grain, token);
            },
            source.Token);
        await silo.Probe.WaitAsync("began");
        await source.CancelAsync();

        Assert.True(await onScheduler.Task);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Cancel_OfAQueuedCall_KeepsItFromRunning()
    {
        await using var silo = await TestSilo.StartAsync();
        using var source = new CancellationTokenSource();
        var grain = silo.New<IScriptGrain>();
        var ran = false;

        var running = grain.Run(self => self.Probe.WaitAsync("go on"));
        var queued = grain.RunCancelable((_, _) => Task.FromResult(ran = true), source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        silo.Probe.Open("go on");
        await running;
        await grain.Run(_ => Task.CompletedTask);

        Assert.False(ran);
    }

    [Fact]
    public async Task CanceledToken_BeforeTheCall_SendsNothing()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await grain.RunCancelable((_, _) => Task.CompletedTask, new CancellationToken(canceled: true)));

        Assert.False(silo.IsActivated(grain));
    }

    [Fact]
    public async Task Timeout_OfACall_DoesNotCancelTheGrainsToken()
    {
        await using var silo = await TestSilo.StartAsync();
        CancellationToken seen = default;

        var grain = silo.New<IScriptGrain>();
        var call = grain.RunCancelable(
            async (self, token) =>
            {
                seen = token;
                self.Probe.Write("began");
                await self.Probe.WaitAsync("go on");
            },
            CancellationToken.None);
        await silo.Probe.WaitAsync("began");
        silo.Clock.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<TimeoutException>(() => call);
        await grain.RunInterleaved(_ => Task.CompletedTask);

        Assert.False(seen.IsCancellationRequested);
        silo.Probe.Open("go on");
    }

    [Fact]
    public async Task Timeout_WithCancelRequestOnTimeout_CancelsTheGrainsToken()
    {
        await using var silo = await TestSilo.StartAsync(
            configureBoth: host => host.Services.Configure<ClientMessagingOptions>(options => options.CancelRequestOnTimeout = true));

        var call = silo.New<IScriptGrain>().RunCancelable(WaitForToken, CancellationToken.None);
        await silo.Probe.WaitAsync("began");
        silo.Clock.Advance(TimeSpan.FromSeconds(30));

        await Assert.ThrowsAsync<TimeoutException>(() => call);
        await silo.Probe.WaitAsync("saw it");
    }

    [Fact]
    public async Task Cancel_WithWaitForAcknowledgement_WaitsForTheGrain()
    {
        await using var silo = await TestSilo.StartAsync(
            configureBoth: host =>
                host.Services.Configure<ClientMessagingOptions>(options => options.WaitForCancellationAcknowledgement = true));
        using var source = new CancellationTokenSource();

        var call = silo.New<IScriptGrain>().RunCancelable(
            async (grain, token) =>
            {
                grain.Probe.Write("began");
                await grain.Probe.WaitAsync("go on");
                token.ThrowIfCancellationRequested();
            },
            source.Token);
        await silo.Probe.WaitAsync("began");
        await source.CancelAsync();
        Assert.False(call.IsCompleted);
        silo.Probe.Open("go on");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private static async Task WaitForToken(ScriptGrain grain, CancellationToken token)
    {
        grain.Probe.Write("began");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        }
        catch (OperationCanceledException)
        {
            grain.Probe.Write("saw it");
            throw;
        }
    }
}
