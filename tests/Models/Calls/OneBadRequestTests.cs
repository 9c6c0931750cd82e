using System.Runtime.CompilerServices;
using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.Tests.Calls.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Xunit.Abstractions;

namespace GenAI.Chats.Models.Tests.Calls;

/// <summary>
/// Twelve chats whose model takes twelve calls at once, and a thirteenth that sends one bad request per second: what the bad one gets is no
/// news for the others.
/// </summary>
public sealed class OneBadRequestTests(ITestOutputHelper output)
{
    private const int Chats = 12;
    private const int Rounds = 60;
    private const string Bad = "bad";

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(20);

    private readonly ManualTimeProvider _time = new();
    // Chats whose call has ended, and that have not made the next one.
    private int _betweenCalls;

    /// <summary>What the bad request gets, with how long its chats start apart.</summary>
    public static TheoryData<string, int> Refusals => new()
    {
        { "too large", 0 }, { "too large", 83 }, { "too many", 0 }, { "too many", 83 }, { "invalid", 83 }, { "unreadable", 83 },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task GenerateAsync_OneBadRequestPerSecond_OthersAreUnaffected(string refusal, int apart)
    {
        var alone = await RunAsync(refusal, apart, withBad: false);
        var beside = await RunAsync(refusal, apart, withBad: true);

        output.WriteLine($"p99 {alone} alone, {beside} beside the bad one");
        Assert.True(beside <= alone * 1.2, $"p99 {alone} alone, {beside} beside the bad one");
    }

    [Fact]
    public async Task GenerateAsync_RequestsAfterARefusal_AreAnsweredAtOnce()
    {
        var target = new Target(this, Failure("too large"));
        using var model = NewModel(target);
        await Assert.ThrowsAsync<ModelException>(() => DriveAsync(model, target, model.CallAsync(Requests.Ask(Bad))));
        Assert.Equal(1, target.Calls);

        var start = _time.GetUtcNow();
        await DriveAsync(model, target, Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CallOnceAsync(model))));

        Assert.Equal(Duration, _time.GetUtcNow() - start);
    }

    [Fact]
    public async Task GenerateAsync_CallsAfterARefusalInTheQuiet_RunAtOnceAgainWithinTheirAnswers()
    {
        var target = new Target(this, Failure("too many"));
        using var model = NewModel(target);
        await Assert.ThrowsAsync<ModelException>(() => DriveAsync(model, target, model.CallAsync(Requests.Ask(Bad))));
        _time.Advance(TimeSpan.FromSeconds(1));

        var start = _time.GetUtcNow();
        await DriveAsync(model, target, Task.WhenAll(Enumerable.Range(0, Chats).Select(_ => CallOnceAsync(model))));

        Assert.InRange(_time.GetUtcNow() - start, Duration, 1.25 * Duration);
    }

    private static ModelException Failure(string refusal) => refusal switch
    {
        // As providers tell it where they can: see their tests.
        "too large" => Answers.Invalid(),
        "too many" => Answers.Quota(),
        "invalid" => Answers.Invalid(),
        _ => new ModelException(Google.Rpc.Code.Internal, ModelErrorReasons.MalformedResponse, "unreadable"),
    };

    private RouteModel NewModel(Target target) => new(CallWorld.Patient, _ => target, _time, new RecordedLog());

    private async Task<TimeSpan> RunAsync(string refusal, int apart, bool withBad)
    {
        var target = new Target(this, Failure(refusal));
        using var model = NewModel(target);
        var times = new List<TimeSpan>();
        var chats = Enumerable.Range(0, Chats).Select(async i =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1 + (i * apart)), _time);
            for (var round = 0; round < Rounds; round++)
            {
                var start = _time.GetUtcNow();
                var call = model.CallAsync(Requests.Ask($"{i}"));
                Interlocked.Add(ref _betweenCalls, round > 0 ? -1 : 0);
                await call;
                lock (times)
                {
                    times.Add(_time.GetUtcNow() - start);
                }
            }

            Interlocked.Decrement(ref _betweenCalls);
        }).ToList();
        if (withBad)
        {
            chats.AddRange(Enumerable.Range(1, Rounds).Select(async second =>
            {
                await Task.Delay(TimeSpan.FromSeconds(second) + TimeSpan.FromMilliseconds(500), _time);
                await Assert.ThrowsAsync<ModelException>(() => model.CallAsync(Requests.Ask(Bad)));
            }));
        }

        await DriveAsync(model, target, Task.WhenAll(chats));
        times.Sort();
        return times[(int)(times.Count * 0.99)];
    }

    private async Task CallOnceAsync(RouteModel model)
    {
        await model.CallAsync(Requests.Ask("hi"));
        Interlocked.Decrement(ref _betweenCalls);
    }

    // Time goes on only when each chat waits for the model or for its turn: how fast threads are has no part in it.
    private async Task DriveAsync(RouteModel model, Target target, Task all)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (!all.IsCompleted)
        {
            if (Volatile.Read(ref _betweenCalls) > 0 || model.Targets[0].Calls.Running != target.Waiting)
            {
                patience.Token.ThrowIfCancellationRequested();
                await Task.Yield();
                continue;
            }

            var timer = _time.WaitForTimerAsync(TimeSpan.FromHours(1));
            if (await Task.WhenAny(all, timer).WaitAsync(Patience.Limit) == timer)
            {
                _time.Advance(await timer);
            }
        }

        await all;
    }

    private sealed class Target(OneBadRequestTests test, ModelException failure) : IChatModel
    {
        private int _inside;
        private int _waiting;
        private int _calls;

        public int Calls => _calls;

        /// <summary>How many calls wait for time to go on.</summary>
        public int Waiting => Volatile.Read(ref _waiting);

        public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
            ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            await WaitAsync(Latency, cancellationToken);
            if (request.Contents[0].Parts[0].Text == Bad)
            {
                throw failure;
            }

            if (Interlocked.Increment(ref _inside) > Chats)
            {
                Interlocked.Decrement(ref _inside);
                throw Answers.Quota();
            }

            yield return Answers.Chunk("o");
            await WaitAsync(Duration - Latency, cancellationToken);
            Interlocked.Decrement(ref _inside);
            Interlocked.Increment(ref test._betweenCalls);
            yield return Answers.Chunk("k", "STOP");
        }

        private async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken)
        {
            var waiting = Task.Delay(time, test._time, cancellationToken);
            Interlocked.Increment(ref _waiting);
            await waiting;
            Interlocked.Decrement(ref _waiting);
        }
    }
}
