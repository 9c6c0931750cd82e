using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Engine.Tests;

public sealed class EventBytesTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(127, 1)]
    [InlineData(128, 100)]
    [InlineData((3 * EventOffsets.PerAttempt) + 5, 20_000)]
    [InlineData(long.MaxValue, 3_000_000)]
    public void Of_Chunk_IsWhatProtobufWrites(long offset, int length)
    {
        var chunk = length == 0 ? new GenerateContentResponse() : Messages.Chunk(new string('x', length));
        var whole = new TurnEvent { Offset = offset, Chunk = chunk };

        var bytes = EventBytes.Of(offset, chunk, out var chunkBytes);

        Assert.Equal(whole.ToByteArray(), bytes);
        Assert.Equal(chunk.ToByteArray(), chunkBytes.ToArray());
        Assert.Equal((offset, TurnEvent.EventOneofCase.Chunk), (EventBytes.Offset(bytes), EventBytes.Case(bytes)));
    }

    [Fact]
    public void Case_EveryEvent_IsKnown()
    {
        TurnEvent[] events = [new() { Offset = 1, Started = new Turn() }, new() { Offset = 2, Chunk = new() }, new() { Offset = 3, Ended = new Turn() }, new() { Offset = 4 }, new()];

        Assert.Equal(events.Select(e => (e.Offset, e.EventCase)), events.Select(EventBytes.Of).Select(bytes => (EventBytes.Offset(bytes), EventBytes.Case(bytes))));
    }

    [Theory]
    [InlineData(Turn.Types.State.Completed, true)]
    [InlineData(Turn.Types.State.Failed, false)]
    [InlineData(Turn.Types.State.Cancelled, false)]
    [InlineData(Turn.Types.State.Unspecified, false)]
    public void IsCompletion_End_DependsOnItsState(Turn.Types.State state, bool isCompletion)
    {
        var turn = new Turn { TurnId = "t", State = state, Revision = 3, ModelVersion = "m" };

        Assert.Equal(isCompletion, EventBytes.IsCompletion(EventBytes.Of(new TurnEvent { Offset = 7, Ended = turn })));
        Assert.False(EventBytes.IsCompletion(EventBytes.Of(new TurnEvent { Offset = 7, Started = turn })));
    }
}
