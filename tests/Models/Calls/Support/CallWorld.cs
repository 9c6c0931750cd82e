using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.TestKit;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Calls.Support;

/// <summary>A route with scripted targets, and a clock that the test moves.</summary>
internal sealed class CallWorld : IDisposable
{
    /// <summary>A route whose calls take any time, so that the only timers within an hour are those that a test is about.</summary>
    public static readonly ModelRoute Patient = new()
    {
        Name = "route-*",
        Provider = "first",
        Timeouts = new CallTimeoutOptions
        {
            FirstChunk = TimeSpan.FromHours(5),
            BetweenChunks = TimeSpan.FromHours(5),
            Total = TimeSpan.FromHours(10),
        },
        CircuitBreaker = new CircuitBreakerOptions { MinimumThroughput = 1000 },
    };

    public CallWorld(ModelRoute? route = null)
    {
        Route = route ?? Patient;
        var targets = new List<ScriptedTarget>();
        Model = new RouteModel(
            Route,
            _ =>
            {
                targets.Add(new ScriptedTarget(Time));
                return targets[^1];
            },
            Time,
            Log);
        Targets = targets;
    }

    public ModelRoute Route { get; }

    public ManualTimeProvider Time { get; } = new();

    public RecordedLog Log { get; } = new();

    public RouteModel Model { get; }

    public IReadOnlyList<ScriptedTarget> Targets { get; }

    public ScriptedTarget Target => Targets[0];

    /// <summary>The patient route with two targets.</summary>
    public static ModelRoute TwoTargets => Patient with
    {
        Provider = "",
        Targets = [new ModelTarget { Provider = "first", Model = "model-1" }, new ModelTarget { Provider = "second" }],
    };

    /// <summary>Calls the model, and gives the texts of its answer.</summary>
    public async Task<string> CallAsync(
        string text = "hi", bool stream = true, TimeSpan? turnAge = null, CancellationToken cancellationToken = default)
    {
        var request = Ask(text, stream, model: "route-1") with { TurnStartTimestamp = Time.GetTimestamp() - turnAge?.Ticks };
        var responses = await Model.CallAsync(request, cancellationToken).WaitAsync(Patience.Limit, CancellationToken.None);
        return string.Join('|', responses.Select(response => response.TextOf()));
    }

    public async Task<ModelException> FailAsync(string text = "hi", bool stream = true, TimeSpan? turnAge = null) =>
        await Assert.ThrowsAsync<ModelException>(() => CallAsync(text, stream, turnAge));

    /// <summary>
    /// Waits until a timer is set that is due within an hour, runs it, and returns the time until it was due. A route's longer limits must be longer than an hour:
    /// otherwise the timer of such a limit can be taken for the one that the test is about, which the call has not set yet.
    /// </summary>
    public async Task<TimeSpan> PassAsync()
    {
        var wait = await Time.WaitForTimerAsync(TimeSpan.FromHours(1)).WaitAsync(Patience.Limit);
        Time.Advance(wait);
        return wait;
    }

    /// <summary>Asserts that no call holds a place or waits for one.</summary>
    public void AssertNothingIsLeft()
    {
        Assert.Equal((0, 0), Model.Calls);
        Assert.All(Model.Targets, target => Assert.Equal((0, 0), target.Calls));
    }

    public void Dispose() => Model.Dispose();
}
