using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Tests.Calls.Support;
using Xunit.Abstractions;
using static GenAI.Chats.Models.Tests.Calls.Support.Answers;

namespace GenAI.Chats.Models.Tests.Calls;

/// <summary>Any route, any outcomes, many callers at once of which some go away: what must hold whatever happens.</summary>
public sealed class RandomCallTests(ITestOutputHelper output)
{
    private const int Rounds = 60;
    private const int Callers = 12;

    [Fact]
    public async Task GenerateAsync_AnyOutcomes_RulesHold()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var seed = Random.Shared.Next();
            output.WriteLine($"seed {seed}");
            await RunAsync(new Random(seed));
        }
    }

    private static async Task RunAsync(Random random)
    {
        var route = RandomRoute(random);
        using var world = new CallWorld(route);
        foreach (var target in world.Targets)
        {
            target.Enqueue([.. Enumerable.Range(0, 500).Select(_ => RandomAnswer(random))]);
        }

        var running = Enumerable.Range(0, Callers).Select(i => new Caller(world, i, random)).ToList();
        var all = Task.WhenAll(running.Select(caller => caller.Result));
        while (!all.IsCompleted)
        {
            var timer = world.Time.WaitForTimerAsync(TimeSpan.FromDays(1));
            if (await Task.WhenAny(all, timer).WaitAsync(Patience.Limit) == timer)
            {
                world.Time.Advance(await timer);
            }
        }

        await all;
        world.AssertNothingIsLeft();
        foreach (var caller in running)
        {
            var calls = world.Targets.SelectMany(target => target.Calls).Where(caller.IsMine).ToList();
            await Task.WhenAll(calls.Select(call => call.Ended));
            var attempts = route.Retry.MaxAttempts + route.Retry.MaxEmptyRetries;
            Assert.All(world.Targets, target => Assert.InRange(target.Calls.Count(caller.IsMine), 0, attempts));
            Assert.All(calls, call => Assert.True(call.Time <= caller.Deadline || call.Token.IsCancellationRequested));
            Assert.True(caller.CallsAtContent is null || caller.CallsAtContent == calls.Count, "It was called again after content.");
        }
    }

    private static ModelRoute RandomRoute(Random random) => CallWorld.Patient with
    {
        Provider = "",
        Targets = [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => new ModelTarget { Provider = $"p{i}" })],
        Retry = new RetryOptions { MaxAttempts = random.Next(1, 6), MaxEmptyRetries = random.Next(0, 3) },
        Limits = new CallLimitOptions
        {
            MaxConcurrentCalls = random.Next(2) == 0 ? null : random.Next(1, 6),
            MaxCallsPerMinute = random.Next(2) == 0 ? null : random.Next(1, 30),
            MaxWaitingCalls = random.Next(2) == 0 ? 1000 : random.Next(0, 6),
        },
        Timeouts = new CallTimeoutOptions
        {
            FirstChunk = TimeSpan.FromSeconds(random.Next(1, 60)),
            BetweenChunks = TimeSpan.FromSeconds(random.Next(1, 60)),
            Total = TimeSpan.FromSeconds(random.Next(1, 300)),
        },
        CircuitBreaker = new CircuitBreakerOptions
        {
            MinimumThroughput = random.Next(2, 20),
            BreakDuration = TimeSpan.FromSeconds(random.Next(1, 40)),
        },
    };

    private static Answer RandomAnswer(Random random)
    {
        TimeSpan? delay = random.Next(2) == 0 ? null : TimeSpan.FromSeconds(random.Next(0, 100) / 10.0);
        return random.Next(14) switch
        {
            0 or 1 or 2 => Fails(Unavailable(delay)),
            3 or 4 => Fails(Quota(delay)),
            5 => Fails(Answers.Timeout()),
            6 => Fails(random.Next(3) switch { 0 => Invalid(), 1 => Credentials(), _ => Answers.NotFound() }),
            7 => Fails(Unavailable(delay), "", ""),
            8 => Fails(Unavailable(delay), "content"),
            9 => Hangs(),
            10 => Hangs("content"),
            11 => Empty(),
            _ => Text("", "content", "more"),
        };
    }

    private sealed class Caller
    {
        private readonly string _text;

        public Caller(CallWorld world, int index, Random random)
        {
            _text = $"caller {index}";
            var used = TimeSpan.FromSeconds(random.Next(0, 30));
            var start = world.Time.GetTimestamp() - used.Ticks;
            Deadline = world.Time.GetUtcNow() - used + world.Route.Timeouts.Total;
            var cancelAfter = random.Next(3) == 0 ? random.Next(1, 60) : 0;
            var stream = random.Next(2) == 0;
            Result = RunAsync(world, start, stream, cancelAfter);
        }

        public DateTimeOffset Deadline { get; }

        public Task Result { get; }

        /// <summary>How often models had been called for it when the first content came.</summary>
        public int? CallsAtContent { get; private set; }

        public bool IsMine(ScriptedTargetCall call) => call.Request.Contents[0].Parts[0].Text == _text;

        // Sets its deadline before the test moves the clock.
        private async Task RunAsync(CallWorld world, long start, bool stream, int cancelAfter)
        {
            using var cancel = cancelAfter == 0
                ? new CancellationTokenSource()
                : new CancellationTokenSource(TimeSpan.FromSeconds(cancelAfter), world.Time);
            try
            {
                var request = Requests.Ask(_text, stream) with { TurnStartTimestamp = start };
                await foreach (var response in world.Model.GenerateAsync(request, cancel.Token))
                {
                    if (response.TextOf().Length > 0)
                    {
                        CallsAtContent ??= world.Targets.Sum(target => target.Calls.Count(IsMine));
                    }
                }
            }
            catch (ModelException)
            {
                // One of the outcomes.
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                // It went away.
            }
        }
    }
}
