using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Engine.Tests.Telemetry;

public sealed class ChatMetricsTests
{
    private static readonly ChatKey Key = new("tenant", "chat");

    private static readonly DateTimeOffset Time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly TurnRecord Turn = new()
    {
        Sequence = 1,
        TurnId = "turn",
        RequestId = "request",
        RequestHash = default,
        State = TurnState.Failed,
        CreateTime = Time,
        StartTime = Time,
        EndTime = Time,
        Input = new TurnInput(),
        Outcome = new TurnOutcome { Error = new V1.Turn.Types.Error { Reason = "MODEL_TIMEOUT" } },
    };

    [Fact]
    public void Turns_SomebodyListens_AreMeasuredWithoutNames()
    {
        using var measurements = new Measurements();
        var metrics = new ChatMetrics(measurements);

        metrics.Started(Key, TimeSpan.Zero, isRecovery: false, isOwnerLost: false);
        metrics.Started(Key, TimeSpan.Zero, isRecovery: true, isOwnerLost: true);
        metrics.Started(Key, TimeSpan.Zero, isRecovery: true, isOwnerLost: false);
        metrics.FirstChunk(Key, TimeSpan.Zero);
        metrics.Ended(Key, Turn, TimeSpan.Zero);

        Assert.Equal(
            [
                "chats.turn.queue_wait{}",
                "chats.turn.recoveries{chats.recovery.reason=owner_lost} 1",
                "chats.turn.recoveries{chats.recovery.reason=handoff} 1",
                "chats.turn.time_to_first_chunk{}",
                "chats.turn.duration{chats.turn.outcome=failed, error.type=MODEL_TIMEOUT}",
            ],
            measurements.Lines);
    }

    [Fact]
    public void Turns_TenantsAreAskedFor_HaveThem()
    {
        using var measurements = new Measurements();
        var settings = new Dictionary<string, string?> { [ChatMetrics.TenantKey] = "true" };
        var metrics = new ChatMetrics(measurements, configuration: new ConfigurationBuilder().AddInMemoryCollection(settings).Build());

        metrics.Ended(Key, Turn with { Outcome = null, State = TurnState.Completed }, TimeSpan.Zero);

        Assert.Equal(["chats.turn.duration{chats.turn.outcome=completed, chats.tenant=tenant}"], measurements.Lines);
    }

    [Fact]
    public void RecordedTurns_Ended_AreNotMeasured()
    {
        using var measurements = new Measurements();

        new ChatMetrics(measurements).Ended(Key, Turn with { Input = new TurnInput { Recorded = new() } }, TimeSpan.Zero);

        Assert.Empty(measurements.Lines);
    }

    [Fact]
    public void Queue_TurnsComeAndGo_CountsTurnsThatDoNotRun()
    {
        using var measurements = new Measurements();
        var metrics = new ChatMetrics(measurements);
        using var server = new ServerState(metrics: metrics);
        var queue = new TurnQueue(metrics, TimeProvider.System);
        queue.Replace([Turn]);
        var running = queue.First!;
        Assert.True(server.Slots.TryEnter());
        queue.Replace([Turn, Turn with { TurnId = "2" }, Turn with { TurnId = "3" }]);
        Assert.Equal(("1", "2"), Counts());

        queue.Close();
        queue.Remove(running);
        server.Slots.Leave();
        Assert.Equal(("0", "0"), Counts());

        (string Running, string Queued) Counts()
        {
            measurements.Observe();
            return (Last("chats.turns.running{} "), Last("chats.turns.queued{} "));
        }

        string Last(string name) => measurements.Lines.Last(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..];
    }

    [Fact]
    public void Hooks_WithoutListeners_AllocateNothing()
    {
        var metrics = new ChatMetrics();
        var turn = Turn;
        Run();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Run()
        {
            using var call = ChatTracing.StartCall("Send", null);
            turn.Input.TraceParent = ChatTracing.Accepting;
            ChatTracing.Accepted(turn);
            ChatTracing.Join(turn);
            ChatTracing.Detach();
            metrics.Started(Key, TimeSpan.Zero, isRecovery: false, isOwnerLost: false);
            using var span = ChatTracing.StartTurn(Key, "model", turn);
            using var tool = ChatTracing.StartTool("tool", "1");
            metrics.FirstChunk(Key, TimeSpan.Zero);
            metrics.Conflict();
            ChatTracing.End(span, "failed", null);
            metrics.Ended(Key, turn, TimeSpan.Zero);
        }
    }
}
