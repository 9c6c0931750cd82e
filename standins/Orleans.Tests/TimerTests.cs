namespace Orleans.StandIn.Tests;

public sealed class TimerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Timer_TicksOnTheGrainsSchedulerAtItsTimes()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var ticks = 0;
        await Register(grain, self => Tick(self, ++ticks), new(Second, 2 * Second));

        silo.Clock.Advance(Second);
        await silo.Probe.WaitAsync("tick 1, on scheduler: True");
        await Settle(grain);
        silo.Clock.Advance(Second);
        await Settle(grain);
        Assert.Equal(1, ticks);
        silo.Clock.Advance(Second);
        await silo.Probe.WaitAsync("tick 2, on scheduler: True");
    }

    [Fact]
    public async Task Tick_WhileARequestRuns_WaitsForItsEnd()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var ticks = 0;
        await Register(grain, self => Tick(self, ++ticks), new(Second, Second));

        var running = grain.Run(self => self.Probe.WaitAsync("go on"));
        await Settle(grain);
        silo.Clock.Advance(Second);
        await Settle(grain);
        Assert.Equal(0, ticks);
        silo.Probe.Open("go on");
        await running;

        await silo.Probe.WaitAsync("tick 1, on scheduler: True");
    }

    [Fact]
    public async Task Tick_ThatInterleaves_RunsBesideARequest()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var ticks = 0;
        await Register(grain, self => Tick(self, ++ticks), new(Second, Second) { Interleave = true });

        var running = grain.Run(self => self.Probe.WaitAsync("go on"));
        await Settle(grain);
        silo.Clock.Advance(Second);
        await silo.Probe.WaitAsync("tick 1, on scheduler: True");

        Assert.False(running.IsCompleted);
        silo.Probe.Open("go on");
        await running;
    }

    [Fact]
    public async Task Tick_ThatRuns_BlocksRequestsAndIsNotOverlappedByTheNext()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var ticks = 0;
        await Register(
            grain,
            async self =>
            {
                await Tick(self, ++ticks);
                await self.Probe.WaitAsync("go on");
            },
            new(Second, Second));

        silo.Clock.Advance(Second);
        await silo.Probe.WaitAsync("tick 1, on scheduler: True");
        var request = grain.Run(_ => Task.CompletedTask);
        silo.Clock.Advance(10 * Second);
        await Settle(grain);
        Assert.False(request.IsCompleted);
        Assert.Equal(1, ticks);
        silo.Probe.Open("go on");
        await request;
    }

    [Fact]
    public async Task Tick_ThatFails_IsFollowedByTheNext()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var ticks = 0;
        await Register(
            grain,
            async self =>
            {
                await Tick(self, ++ticks);
                throw new InvalidOperationException("tick");
            },
            new(Second, Second));

        silo.Clock.Advance(Second);
        await silo.Probe.WaitAsync("tick 1, on scheduler: True");
        await grain.Run(_ => Task.CompletedTask);
        silo.Clock.Advance(Second);

        await silo.Probe.WaitAsync("tick 2, on scheduler: True");
    }

    [Fact]
    public async Task Timer_OfAnEndedActivation_TicksNoMore()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var ticks = 0;
        CancellationToken token = default;
        await grain.Run(self =>
        {
            self.RegisterGrainTimer(
                canceled =>
                {
                    token = canceled;
                    return Tick(self, ++ticks);
                },
                new(Second, Second));
            return Task.CompletedTask;
        });
        silo.Clock.Advance(Second);
        await silo.Probe.WaitAsync("tick 1, on scheduler: True");

        await silo.Cluster.DeactivateAsync(grain);
        silo.Clock.Advance(10 * Second);
        await grain.Activation();

        Assert.Equal(1, ticks);
        Assert.True(token.IsCancellationRequested);
    }

    [Fact]
    public async Task Timer_DisposedOrChanged_GoesByIt()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.New<IScriptGrain>();
        var (changed, disposed) = (0, 0);
        await grain.Run(self =>
        {
            self.RegisterGrainTimer(_ => Task.FromResult(++disposed), new(Second, Second)).Dispose();
            self.RegisterGrainTimer(_ => Tick(self, ++changed), new(Second, Second)).Change(5 * Second, Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        });

        silo.Clock.Advance(4 * Second);
        await Settle(grain);
        Assert.Equal(0, changed);
        silo.Clock.Advance(Second);
        await silo.Probe.WaitAsync("tick 1, on scheduler: True");

        Assert.Equal(0, disposed);
    }

    [Fact]
    public async Task RegisterGrainTimer_OutsideOfTheGrain_IsRefused()
    {
        await using var silo = await TestSilo.StartAsync();

        await silo.New<IScriptGrain>().Run(self => Assert.ThrowsAsync<InvalidOperationException>(
            () => Task.Run(() => self.RegisterGrainTimer(_ => Task.CompletedTask, new(Second, Second)))));
    }

    private static Task Register(IScriptGrain grain, Func<ScriptGrain, Task> tick, GrainTimerCreationOptions options) => grain.Run(self =>
    {
        self.RegisterGrainTimer(_ => tick(self), options);
        return Task.CompletedTask;
    });

    private static Task Tick(ScriptGrain grain, int number)
    {
        grain.Probe.Write($"tick {number}, on scheduler: {TaskScheduler.Current == grain.GrainContext.Scheduler}");
        return Task.CompletedTask;
    }

    /// <summary>What was queued to the activation before it has been seen when this has ended.</summary>
    private static async Task Settle(IScriptGrain grain)
    {
        await grain.RunInterleaved(async _ => await Task.Yield());
        await grain.RunInterleaved(_ => Task.CompletedTask);
    }
}
