using GenAI.Chats.Client.Tests.Support;
using GenAI.Chats.V1;
using Grpc.Core;
using static GenAI.Chats.Client.Tests.Support.Answers;

namespace GenAI.Chats.Client.Tests.Turns;

/// <summary>Streams resume wherever and however they break.</summary>
public sealed class ResumeTests
{
    private static readonly string[] Words = ["one ", "two ", "three ", "four "];

    public enum Break
    {
        ConnectionLost,
        CallReset,
        ServerStops,
        EndsEarly,
    }

    public static IEnumerable<object[]> Breaks =>
        from count in Enumerable.Range(0, Words.Length + 2) from way in Enum.GetValues<Break>() select new object[] { count, way };

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task SendMessageStream_BreaksAfterAnEvent_ResumesAtTheOffset(int count, Break way)
    {
        await using var server = await ScriptedServer.StartAsync();
        var events = Events.Attempt(1, Words);
        server.Chats.Enqueue(Stream(events, count, Then(way)), Stream(events));

        var chunks = await server.Chat().SendMessageStreamAsync("go").ToListAsync();

        Assert.Equal(Words, chunks.Select(c => c.Text));
        Assert.Equal(Enumerable.Range(2, Words.Length), chunks.Select(c => (int)c.Offset));
        if (count == events.Count)
        {
            return;
        }

        // If the connection is lost, the last events can be lost with it, or even all.
        var isSure = way is Break.ServerStops or Break.EndsEarly;
        var last = server.Chats.Requests[^1];
        Assert.True(last is ReadTurnRequest || !isSure, $"It was not {last}.");
        if (last is ReadTurnRequest read)
        {
            Assert.Equal(("chats/c", Events.TurnId), (read.Name, read.TurnId));
            Assert.InRange(read.AfterOffset, isSure ? count : 0, count);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task SendMessageStream_EveryCallStreamsOneEvent_ReturnsAllChunks(int each)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Otherwise = Stream(Events.Attempt(1, Words), each, StopAsync);

        Assert.Equal(Words, await server.Chat().SendMessageStreamAsync("go").Select(c => c.Text).ToListAsync());
    }

    [Fact]
    public async Task SendMessageStream_LostBeforeTheTurnIsKnown_RetriesWithTheRequestId()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Drop(), Fail(StatusCode.Unavailable, "CHAT_MOVED", TimeSpan.FromMilliseconds(1)), Stream(Events.Attempt(1, Words)));

        Assert.Equal(Words, await server.Chat().SendMessageStreamAsync("go").Select(c => c.Text).ToListAsync());

        Assert.Equal(["SendMessageStream", "SendMessageStream", "SendMessageStream"], server.Chats.Methods);
        var ids = server.Chats.Requests.Cast<SendMessageRequest>().Select(r => r.RequestId).Distinct();
        Assert.NotEmpty(Assert.Single(ids));
    }

    [Fact]
    public async Task SendMessageStream_TurnFailedWhileDisconnected_RetriesTheTurn()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(
            Stream(Events.Attempt(1, Words), 0, StopAsync), Fail(StatusCode.NotFound, "TURN_NOT_FOUND"), Stream(Events.Attempt(1, Words)));

        Assert.Equal(Words, await server.Chat().SendMessageStreamAsync("go").Select(c => c.Text).ToListAsync());
        Assert.Equal(["SendMessageStream", "ReadTurn", "SendMessageStream"], server.Chats.Methods);
    }

    [Fact]
    public async Task SendMessageStream_EnumeratedTwice_IsTheSameTurn()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Otherwise = Stream(Events.Attempt(1, Words));
        var stream = server.Chat().SendMessageStreamAsync("go");

        Assert.Equal(await stream.Select(c => c.Text).ToListAsync(), await stream.Select(c => c.Text).ToListAsync());
        Assert.Single(server.Chats.Requests.Cast<SendMessageRequest>().Select(r => r.RequestId).Distinct());
    }

    [Fact]
    public async Task ReadTurn_FromAnOffset_ReturnsTheRestAndResumes()
    {
        await using var server = await ScriptedServer.StartAsync();
        var events = Events.Attempt(1, Words);
        server.Chats.Enqueue(Stream(events, 1, StopAsync), Stream(events));

        var chunks = await server.Chat().ReadTurnAsync(Events.TurnId, afterOffset: 2).ToListAsync();

        Assert.Equal(Words[1..], chunks.Select(c => c.Text));
        Assert.Equal([2, 3], server.Chats.Requests.Cast<ReadTurnRequest>().Select(r => r.AfterOffset));
    }

    [Fact]
    public async Task ReadTurn_AfterTheEnd_IsEmpty()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Stream(Events.Attempt(1, Words)));

        Assert.Empty(await server.Chat().ReadTurnAsync(Events.TurnId, afterOffset: 100).ToListAsync());
    }

    private static Func<ServerCallContext, Task> Then(Break way) => way switch
    {
        Break.ConnectionLost => LoseAsync,
        Break.CallReset => ResetAsync,
        Break.ServerStops => StopAsync,
        _ => _ => Task.CompletedTask,
    };
}
