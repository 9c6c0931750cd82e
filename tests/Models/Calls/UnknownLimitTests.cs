using System.Runtime.CompilerServices;
using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.Tests.Calls.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Xunit.Abstractions;

namespace GenAI.Chats.Models.Tests.Calls;

/// <summary>A model that takes ten calls at once and refuses the rest, of which the route knows nothing.</summary>
public sealed class UnknownLimitTests(ITestOutputHelper output)
{
    private const int Callers = 500;
    private const int AtOnce = 10;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(20);

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_AllCallersAtOnce_AreAnsweredAndNoneStarves(bool tellsDelay)
    {
        var target = new LimitedTarget(_time, tellsDelay ? TimeSpan.FromMilliseconds(100) : null);
        using var model = new RouteModel(CallWorld.Patient, _ => target, _time, new RecordedLog());
        var start = _time.GetUtcNow();

        var finished = Enumerable.Range(0, Callers).Select(async i =>
        {
            await model.CallAsync(Requests.Ask($"{i}"));
            return (Index: i, Time: _time.GetUtcNow() - start);
        }).ToList();
        var all = Task.WhenAll(finished);
        Assert.Equal(Callers, target.MostAtOnce);
        while (!all.IsCompleted)
        {
            var timer = _time.WaitForTimerAsync(TimeSpan.FromHours(1));
            if (await Task.WhenAny(all, timer).WaitAsync(Patience.Limit) == timer)
            {
                _time.Advance(await timer);
                await SettleAsync();
            }
        }

        var times = (await all).OrderBy(call => call.Time).ToList();
        var best = Duration * Callers / AtOnce;
        var late = times.Select((call, position) => position - call.Index).Max();
        output.WriteLine($"{target.Refused} refused, at most {target.MostTries} tries, at most {late} overtook");
        output.WriteLine($"{times[^1].Time} for what could take {best}");
        Assert.InRange(target.MostTries, 2, 5);
        Assert.InRange(target.Refused, Callers - AtOnce, 2 * Callers);
        Assert.InRange(times[^1].Time, best, 4 * best);
        Assert.InRange(late, 0, Callers / 2);
    }

    // As time goes, what has become due runs before what comes later.
    private static async Task SettleAsync()
    {
        for (var i = 0; i < 1000 && (i < 10 || ThreadPool.PendingWorkItemCount > 0); i++)
        {
            await Task.Yield();
        }
    }

    private sealed class LimitedTarget(TimeProvider time, TimeSpan? delay) : IChatModel
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, int> _tries = [];
        private int _calls;
        private int _inside;

        public int MostAtOnce { get; private set; }

        public int MostTries => _tries.Values.Max();

        public int Refused { get; private set; }

        public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
            ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            bool enters;
            lock (_lock)
            {
                var text = request.Contents[0].Parts[0].Text;
                _tries[text] = _tries.GetValueOrDefault(text) + 1;
                MostAtOnce = Math.Max(MostAtOnce, ++_calls);
                enters = _inside < AtOnce;
                _inside += enters ? 1 : 0;
                Refused += enters ? 0 : 1;
            }

            await Task.Delay(enters ? Duration : Latency, time, cancellationToken);
            lock (_lock)
            {
                _calls--;
                _inside -= enters ? 1 : 0;
            }

            yield return enters ? Answers.Chunk("ok", "STOP") : throw Answers.Quota(delay);
        }
    }
}
