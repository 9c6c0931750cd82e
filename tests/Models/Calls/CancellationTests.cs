using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Tests.Calls.Support;
using static GenAI.Chats.Models.Tests.Calls.Support.Answers;

namespace GenAI.Chats.Models.Tests.Calls;

/// <summary>At each place where a call waits: who cancels it leaves nothing behind.</summary>
public sealed class CancellationTests : IDisposable
{
    private static readonly ModelRoute OneAtATime = CallWorld.Patient with { Limits = new CallLimitOptions { MaxConcurrentCalls = 1 } };

    private readonly CancellationTokenSource _cancel = new();

    [Fact]
    public async Task Cancel_BeforeTheCall_ModelIsNotCalled()
    {
        using var world = new CallWorld();
        await _cancel.CancelAsync();

        await AssertCancelledAsync(world, world.CallAsync(cancellationToken: _cancel.Token));

        Assert.Empty(world.Target.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancel_WhileTheModelThinks_EndsItsCall(bool stream)
    {
        using var world = new CallWorld();
        world.Target.Enqueue(Hangs());
        var calling = world.CallAsync(stream: stream, cancellationToken: _cancel.Token);
        var call = await world.Target.NextCallAsync();

        await _cancel.CancelAsync();

        await AssertCancelledAsync(world, calling);
        await call.Ended;
    }

    [Fact]
    public async Task Cancel_BetweenChunks_EndsTheModelsCall()
    {
        using var world = new CallWorld();
        world.Target.Enqueue(Hangs("one"));
        await using var answer = world.Model.GenerateAsync(Requests.Ask("hi"), _cancel.Token).GetAsyncEnumerator();
        Assert.True(await answer.MoveNextAsync());
        var call = await world.Target.NextCallAsync();
        var next = answer.MoveNextAsync().AsTask();

        await _cancel.CancelAsync();

        await AssertCancelledAsync(world, next);
        await call.Ended;
    }

    [Fact]
    public async Task Cancel_WhileARetryWaits_ModelIsNotCalledAgain()
    {
        using var world = new CallWorld();
        world.Target.Enqueue(Fails(Unavailable()));
        var calling = world.CallAsync(cancellationToken: _cancel.Token);
        await world.Time.WaitForTimerAsync(TimeSpan.FromHours(1)).WaitAsync(Patience.Limit);

        await _cancel.CancelAsync();

        await AssertCancelledAsync(world, calling);
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Single(world.Target.Calls);
    }

    [Fact]
    public async Task Cancel_WhileInLine_OthersMoveUp()
    {
        using var world = new CallWorld(OneAtATime);
        var gate = new TaskCompletionSource();
        world.Target.Enqueue(WaitsFor(gate.Task, "first"));
        var first = world.CallAsync();
        var cancelled = world.CallAsync("cancelled", cancellationToken: _cancel.Token);
        var last = world.CallAsync("last");
        Assert.Equal((1, 2), world.Model.Calls);

        await _cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal((1, 1), world.Model.Calls);
        gate.SetResult();

        Assert.Equal(("first", "ok"), (await first, await last));
        Assert.Equal(2, world.Target.Calls.Count);
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task Cancel_WhileHeldBack_ModelIsNotCalled()
    {
        using var world = new CallWorld();
        world.Target.Enqueue(Fails(Quota(TimeSpan.FromSeconds(30))));
        var refused = world.CallAsync();
        await world.Time.WaitForTimerAsync(TimeSpan.FromSeconds(30)).WaitAsync(Patience.Limit);
        var calling = world.CallAsync("held back", cancellationToken: _cancel.Token);
        Assert.Equal((0, 1), world.Model.Targets[0].Calls);

        await _cancel.CancelAsync();

        await AssertCancelledAsync(world, calling);
        world.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("ok", await refused);
        Assert.DoesNotContain(world.Target.Calls, call => call.Request.Contents[0].Parts[0].Text == "held back");
    }

    [Fact]
    public async Task Cancel_WhileAnEmptyAnswerIsAskedForAgain_EndsTheModelsCall()
    {
        using var world = new CallWorld();
        world.Target.Enqueue(Empty(), Hangs(""));
        var calling = world.CallAsync(cancellationToken: _cancel.Token);
        await world.Target.NextCallAsync();
        var call = await world.Target.NextCallAsync();

        await _cancel.CancelAsync();

        await AssertCancelledAsync(world, calling);
        await call.Ended;
    }

    public void Dispose() => _cancel.Dispose();

    private static async Task AssertCancelledAsync(CallWorld world, Task calling)
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling.WaitAsync(Patience.Limit));
        world.AssertNothingIsLeft();
    }
}
