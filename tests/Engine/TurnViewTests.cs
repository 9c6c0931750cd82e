using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Engine.Turns;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests;

public sealed class TurnViewTests
{
    private static readonly DateTimeOffset Time = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, EventOffsets.PerAttempt)]
    [InlineData(3, 2 * EventOffsets.PerAttempt)]
    public void Before_Attempt_IsTheEndOfTheOneBefore(int attempt, long offset) => Assert.Equal(offset, EventOffsets.Before(attempt));

    [Fact]
    public void Events_EndedTurn_StartedChunksEndedInARow()
    {
        var events = Views.Events(Ended(attempt: 1)).ToList();

        Assert.Equal("started a b ended", Messages.Line(events));
        Assert.Equal([1, 2, 3, 4], events.Select(e => e.Offset));
        Assert.Equal(Turn.Types.State.Running, events[0].Started.State);
        Assert.Equal(0, events[0].Started.Revision);
        Assert.Null(events[0].Started.EndTime);
        Assert.Equal(Turn.Types.State.Completed, events[^1].Ended.State);
        Assert.Equal(7, events[^1].Ended.Revision);
    }

    [Fact]
    public void Events_LaterAttempt_HasARangeOfItsOwn()
    {
        var events = Views.Events(Ended(attempt: 3)).ToList();

        Assert.Equal(2 * EventOffsets.PerAttempt + 1, events[0].Offset);
        Assert.Equal(3, events[0].Started.Attempt);
    }

    [Fact]
    public void Events_NeverStarted_OnlyEnded()
    {
        var turn = Ended(attempt: 0) with { StartTime = null, State = TurnState.Cancelled, Outcome = new TurnOutcome() };

        var end = Assert.Single(Views.Events(turn));

        Assert.Equal(1, end.Offset);
        Assert.Equal(Turn.Types.State.Cancelled, end.Ended.State);
    }

    [Fact]
    public void Events_EndedAfterARelease_EndIsBehindAllThatTheAttemptMayHaveHandedOut()
    {
        var turn = Ended(attempt: 2) with { StartTime = null, State = TurnState.Cancelled, Outcome = new TurnOutcome() };

        var end = Assert.Single(Views.Events(turn));

        Assert.Equal(2 * EventOffsets.PerAttempt + 1, end.Offset);
    }

    [Fact]
    public void Events_ChunksDropped_EndKeepsItsOffset()
    {
        var turn = Ended(attempt: 1) with { State = TurnState.Cancelled, Outcome = new TurnOutcome { DroppedChunks = 5 } };

        Assert.Equal([1, 7], Views.Events(turn).Select(e => e.Offset));
    }

    [Fact]
    public void Turn_Record_ShowsWhatItHas()
    {
        var error = new Turn.Types.Error { Code = 14, Reason = "WHY" };
        var record = Ended(attempt: 2) with { State = TurnState.Failed };
        record.Outcome!.Error = error;

        var turn = Views.Turn(record);

        Assert.Equal(
            new Turn
            {
                TurnId = "t",
                RequestId = "r",
                State = Turn.Types.State.Failed,
                Attempt = 2,
                Revision = 7,
                Curated = true,
                FinishReason = "STOP",
                ModelVersion = "v",
                Usage = new UsageMetadata { TotalTokenCount = 3 },
                CreateTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(Time),
                StartTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(Time.AddSeconds(1)),
                EndTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(Time.AddSeconds(2)),
                Error = error,
            },
            turn);
    }

    private static TurnRecord Ended(int attempt)
    {
        var recorder = new TurnRecorder(stream: true);
        recorder.Add(Messages.Chunk("a"));
        recorder.Add(Messages.Chunk("b", "STOP"));
        var outcome = recorder.ToOutcome(recorded: true);
        outcome.ModelVersion = "v";
        outcome.Usage = new UsageMetadata { TotalTokenCount = 3 };
        return new TurnRecord
        {
            Sequence = 1,
            TurnId = "t",
            RequestId = "r",
            State = TurnState.Completed,
            Attempt = attempt,
            Revision = 7,
            Curated = true,
            CreateTime = Time,
            StartTime = Time.AddSeconds(1),
            EndTime = Time.AddSeconds(2),
            Input = new TurnInput { Message = Messages.User("u") },
            Outcome = outcome,
        };
    }
}
