using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Tests.Calls.Support;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Calls.Support.Answers;

namespace GenAI.Chats.Models.Tests.Calls;

public sealed class RetryTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static TheoryData<ModelException, bool> Failures => new()
    {
        { Unavailable(), true },
        { Quota(), true },
        { Answers.Timeout(), true },
        { new ModelException(Code.Unavailable, ModelErrorReasons.MalformedResponse, "no JSON"), true },
        { Invalid(), false },
        { Credentials(), false },
        { Answers.NotFound(), false },
        { new ModelException(Code.Internal, ModelErrorReasons.ResponseTooLarge, "large"), false },
        { new ModelException(Code.Unavailable, ModelErrorReasons.Unavailable, "known to stay") { IsRetryable = false }, false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task GenerateAsync_FailsBeforeContent_IsCalledAgainIfTheFailureMayPass(ModelException failure, bool isRetried)
    {
        using var world = new CallWorld(CallWorld.Patient with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        world.Target.Enqueue(Fails(failure));

        if (isRetried)
        {
            Assert.Equal("ok", await world.CallAsync());
        }
        else
        {
            Assert.Same(failure, await world.FailAsync());
        }

        Assert.Equal(isRetried ? 2 : 1, world.Target.Calls.Count);
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_KeepsFailing_IsCalledFiveTimesAfterDoublingWaits()
    {
        using var world = new CallWorld();
        world.Target.Otherwise = Fails(Unavailable());

        var failing = world.FailAsync();
        for (var attempt = 1; attempt < 5; attempt++)
        {
            var least = Second * Math.Pow(2, attempt - 1);
            Assert.InRange(await world.PassAsync(), least, least + Second);
        }

        Assert.Equal(ModelErrorReasons.Unavailable, (await failing).Reason);
        Assert.Equal(5, world.Target.Calls.Count);
        Assert.Equal(4, world.Log.Events.Count(name => name == "Retrying"));
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_LongestDelayIsSet_NoWaitIsLonger()
    {
        var retry = new RetryOptions { MaxAttempts = 8, MaxDelay = TimeSpan.FromSeconds(3) };
        using var world = new CallWorld(CallWorld.Patient with { Retry = retry });
        world.Target.Otherwise = Fails(Unavailable());

        var failing = world.FailAsync();
        var waits = new List<TimeSpan>();
        for (var attempt = 1; attempt < 8; attempt++)
        {
            waits.Add(await world.PassAsync());
        }

        await failing;
        Assert.Equal(Enumerable.Repeat(retry.MaxDelay, 5), waits.Skip(2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_ModelSaysWhenToComeAgain_IsNotCalledBefore(bool isQuota)
    {
        var delay = TimeSpan.FromSeconds(2.5);
        using var world = new CallWorld();
        world.Target.Enqueue(Fails(isQuota ? Quota(delay) : Unavailable(delay)));

        var calling = world.CallAsync();
        var wait = await world.PassAsync();

        Assert.Equal("ok", await calling);
        Assert.Equal(delay, wait);
        Assert.Equal(delay, world.Target.Calls[1].Time - world.Target.Calls[0].Time);
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_ModelSaysToComeAgainAfterTheTurnsTime_FailsAtOnceWithThatDelay()
    {
        using var world = new CallWorld();
        var delay = TimeSpan.FromHours(2);
        world.Target.Enqueue(Fails(Quota(delay)));

        var failure = await world.FailAsync(turnAge: TimeSpan.FromHours(8.5));

        Assert.Equal((Code.ResourceExhausted, ModelErrorReasons.QuotaExceeded, delay), (failure.Code, failure.Reason, failure.RetryDelay));
        Assert.Single(world.Target.Calls);
    }

    [Fact]
    public async Task GenerateAsync_CallComesWhileTheModelIsHeldBackBeyondItsTime_FailsWithTheTimeThatIsLeft()
    {
        using var world = new CallWorld();
        world.Target.Enqueue(Fails(Quota(TimeSpan.FromHours(2))));
        using var first = new CancellationTokenSource();
        var waiting = world.CallAsync(cancellationToken: first.Token);
        await world.Time.WaitForTimerAsync(TimeSpan.FromHours(2)).WaitAsync(Patience.Limit);
        world.Time.Advance(TimeSpan.FromMinutes(30));

        var failure = await world.FailAsync(turnAge: TimeSpan.FromHours(9));

        Assert.Equal((Code.ResourceExhausted, TimeSpan.FromHours(1.5)), (failure.Code, failure.RetryDelay));
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Single(world.Target.Calls);
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_FailsAfterContent_IsNotCalledAgain()
    {
        using var world = new CallWorld();
        var failure = Unavailable();
        world.Target.Enqueue(Fails(failure, "one"));

        Assert.Same(failure, await world.FailAsync());
        Assert.Single(world.Target.Calls);
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_FailsAfterChunksWithoutContent_TheyAreDroppedAndItIsCalledAgain()
    {
        using var world = new CallWorld(CallWorld.Patient with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        world.Target.Enqueue(Fails(Unavailable(), "", ""));

        Assert.Equal("ok", await world.CallAsync());
        Assert.Equal(2, world.Target.Calls.Count);
    }

    [Fact]
    public async Task GenerateAsync_OneAttempt_FailsAsTheModelDoesAndHoldsNothingBack()
    {
        using var world = new CallWorld(CallWorld.Patient with { Retry = new RetryOptions { MaxAttempts = 1 } });
        world.Target.Enqueue(Fails(Quota(TimeSpan.FromHours(1))));

        Assert.Equal(TimeSpan.FromHours(1), (await world.FailAsync()).RetryDelay);
        Assert.Equal("ok", await world.CallAsync());
    }
}
