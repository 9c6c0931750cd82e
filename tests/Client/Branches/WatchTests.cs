using GenAI.Chats.Client.Tests.Support;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using static GenAI.Chats.Client.Tests.Support.Answers;

namespace GenAI.Chats.Client.Tests.Branches;

/// <summary>Watches resume wherever and however they break.</summary>
public sealed class WatchTests
{
    private static readonly ChatEvent First = new() { Token = "1", Chat = new V1.Chat { Revision = 1 } };
    private static readonly ChatEvent Accepted = new() { Token = "2", Accepted = new Turn { TurnId = Events.TurnId } };
    private static readonly ChatEvent Progress = new()
    {
        Token = "3",
        Turn = new ChatEvent.Types.TurnProgress { TurnId = Events.TurnId, Event = Events.Attempt(1, "hi")[1] },
    };

    private static readonly ChatEvent Changed = new() { Token = "4", Chat = new V1.Chat { Revision = 2 } };
    private static readonly ChatEvent Deleted = new() { Token = "5", Deleted = new Empty() };

    public enum Break
    {
        ConnectionLost,
        CallReset,
        ServerStops,
        EndsEarly,
    }

    public static TheoryData<Break> Breaks => new(System.Enum.GetValues<Break>());

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Watch_Breaks_ResumesWithTheLastToken(Break way)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Watch(Then(way), First, Accepted), Watch(Then(Break.EndsEarly), First, Progress, Changed, Deleted));

        var events = await server.Chat().WatchAsync().ToListAsync();

        // If the connection is lost, the last events can be lost with it. This server then doesn't send them again, unlike the service.
        var isSure = way is Break.ServerStops or Break.EndsEarly;
        ChatEvent[] expected = [First, Accepted, Progress, Changed, Deleted];
        Assert.Equal(isSure ? expected : expected.Where(e => e != Accepted), isSure ? events : events.Where(e => !e.Equals(Accepted)));
        var requests = server.Chats.Requests.Cast<WatchChatRequest>().ToList();
        Assert.Equal(2, requests.Count);
        Assert.Empty(requests[0].Token);
        Assert.Contains(requests[1].Token, isSure ? "2" : "12");
    }

    [Fact]
    public async Task Watch_WithATokenAndADetail_SendsThem()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Watch(Then(Break.EndsEarly), First, Deleted));

        Assert.Equal(2, await server.Chat().WatchAsync("0", WatchChatRequest.Types.Detail.Turns).CountAsync());

        var expected = new WatchChatRequest { Name = "chats/c", Token = "0", Detail = WatchChatRequest.Types.Detail.Turns };
        Assert.Equal(expected, Assert.Single(server.Chats.Requests));
    }

    [Fact]
    public async Task Watch_IdleEvents_AreNotReturnedButTheirTokenIsUsed()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(
            Watch(StopAsync, First, new ChatEvent { Token = "later", Idle = new Empty() }), Watch(Then(Break.EndsEarly), First, Deleted));

        Assert.Equal([First, Deleted], await server.Chat().WatchAsync().ToListAsync());
        Assert.Equal("later", Assert.IsType<WatchChatRequest>(server.Chats.Requests[1]).Token);
    }

    [Theory]
    [InlineData("CHAT_NOT_FOUND", StatusCode.NotFound)]
    [InlineData("INVALID_WATCH_TOKEN", StatusCode.InvalidArgument)]
    public async Task Watch_ServiceRejects_Throws(string reason, StatusCode code)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Fail(code, reason));

        var failure = await Assert.ThrowsAsync<ChatException>(async () => await server.Chat().WatchAsync().CountAsync());

        Assert.Equal((code, reason), (failure.Status, failure.Reason));
    }

    [Fact]
    public async Task Watch_ServerFailsAfterEachFirstEvent_ThrowsAfterTheTimeout()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Otherwise = Watch(StopAsync, First);
        var options = new ChatsClientOptions
        {
            InitialBackoff = TimeSpan.FromMilliseconds(1),
            MaxBackoff = TimeSpan.FromMilliseconds(1),
            RetryTimeout = TimeSpan.FromMilliseconds(20),
        };
        var seen = new List<ChatEvent>();

        var failure = await Assert.ThrowsAsync<ChatException>(async () =>
        {
            await foreach (var next in server.Chat(options).WatchAsync())
            {
                seen.Add(next);
            }
        });

        Assert.Equal("SERVER_STOPPING", failure.Reason);
        Assert.Equal([First], seen);
    }

    [Fact]
    public async Task Watch_CallerCancels_Ends()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Watch(HangAsync, First));
        using var canceled = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in server.Chat().WatchAsync(cancellationToken: canceled.Token))
            {
                await canceled.CancelAsync();
            }
        });
    }

    [Fact]
    public async Task Watch_Synchronous_IsTheSame()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Watch(Then(Break.EndsEarly), First, Deleted));
        var chat = server.Chat();

        Assert.Equal([First, Deleted], await Task.Run(() => chat.Watch().ToList()));
    }

    private static Func<ServerCallContext, Task> Then(Break way) => way switch
    {
        Break.ConnectionLost => LoseAsync,
        Break.CallReset => ResetAsync,
        Break.ServerStops => StopAsync,
        _ => _ => Task.CompletedTask,
    };
}
