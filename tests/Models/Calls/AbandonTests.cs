using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Tests.Calls.Support;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Calls.Support.Answers;

namespace GenAI.Chats.Models.Tests.Calls;

/// <summary>Models that ignore their cancellation: their calls end, and they are disposed of when they go on.</summary>
public sealed class AbandonTests
{
    private static readonly ModelRoute Once = CallWorld.Patient with
    {
        Timeouts = new CallTimeoutOptions
        {
            FirstChunk = TimeSpan.FromSeconds(20),
            BetweenChunks = TimeSpan.FromSeconds(10),
            Total = TimeSpan.FromHours(3),
        },
        Retry = new RetryOptions { MaxAttempts = 1 },
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_CallerCancels_EndsTheCall(bool stream)
    {
        using var world = new CallWorld(Once);
        using var caller = new CancellationTokenSource();
        var gate = new TaskCompletionSource();
        world.Target.Enqueue(Ignores(gate.Task));
        var calling = world.CallAsync(stream: stream, cancellationToken: caller.Token);
        var call = await world.Target.NextCallAsync();

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
        world.AssertNothingIsLeft();
        gate.SetResult();
        await call.Ended;
    }

    [Fact]
    public async Task GenerateAsync_NoChunkComes_Stalls()
    {
        using var world = new CallWorld(Once);
        world.Target.Enqueue(Ignores(new TaskCompletionSource().Task, "one"));
        var failing = world.FailAsync();
        await world.Target.NextCallAsync();

        Assert.Equal(Once.Timeouts.BetweenChunks, await world.PassAsync());

        Assert.Equal(ModelErrorReasons.Stalled, (await failing).Reason);
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_FirstTargetStalls_NextOneIsCalled()
    {
        using var world = new CallWorld(CallWorld.TwoTargets with { Timeouts = Once.Timeouts });
        world.Target.Enqueue(Ignores(new TaskCompletionSource().Task));
        var calling = world.CallAsync();
        await world.Target.NextCallAsync();

        Assert.Equal(Once.Timeouts.FirstChunk, await world.PassAsync());

        Assert.Equal("ok", await calling);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_TurnsTimeIsOver_Fails(bool stream)
    {
        using var world = new CallWorld(Once with { Timeouts = CallWorld.Patient.Timeouts });
        world.Target.Enqueue(Ignores(new TaskCompletionSource().Task));
        var failing = world.FailAsync(stream: stream, turnAge: TimeSpan.FromHours(9.5));
        await world.Target.NextCallAsync();

        Assert.Equal(TimeSpan.FromHours(0.5), await world.PassAsync());

        Assert.Equal((Code.DeadlineExceeded, ModelErrorReasons.Timeout), ((await failing).Code, (await failing).Reason));
        world.AssertNothingIsLeft();
    }
}
