using GenAI.Chats.Client.Tests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Grpc.Core;
using static GenAI.Chats.Client.Tests.Support.Answers;

namespace GenAI.Chats.Client.Tests.Calls;

/// <summary>Canceled calls, and their turns.</summary>
public sealed class CancellationTests
{
    private static readonly SendOptions Cancelling = new() { CancelTurn = true };
    private static readonly IReadOnlyList<TurnEvent> Turn = Events.Attempt(1, "one ", "two ");
    private static readonly Answer Cancelled = Reply(Events.Turn(1, V1.Turn.Types.State.Cancelled));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendMessageStream_TokenCanceled_CancelsTheTurnIfAsked(bool cancelTurn)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Stream(Turn, 2, HangAsync), Cancelled);
        using var source = new CancellationTokenSource();

        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var chunk in server.Chat().SendMessageStreamAsync("go", new SendOptions { CancelTurn = cancelTurn }, source.Token))
            {
                Assert.Equal("one ", chunk.Text);
                await source.CancelAsync();
            }
        });

        Assert.Equal(source.Token, failure.CancellationToken);
        Assert.Equal(cancelTurn ? ["SendMessageStream", "CancelTurn"] : ["SendMessageStream"], server.Chats.Methods);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendMessageStream_ReaderStops_CancelsTheTurnIfAsked(bool cancelTurn)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Stream(Turn, 2, HangAsync), Cancelled);

        await foreach (var _ in server.Chat().SendMessageStreamAsync("go", new SendOptions { CancelTurn = cancelTurn }))
        {
            break;
        }

        Assert.Equal(cancelTurn ? ["SendMessageStream", "CancelTurn"] : ["SendMessageStream"], server.Chats.Methods);
        if (cancelTurn)
        {
            var request = Assert.IsType<CancelTurnRequest>(server.Chats.Requests[1]);
            Assert.Equal(("chats/c", Events.TurnId), (request.Name, request.TurnId));
        }
    }

    [Fact]
    public async Task SendMessageStream_ReadToItsEnd_CancelsNothing()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Stream(Turn));

        Assert.Equal(2, await server.Chat().SendMessageStreamAsync("go", Cancelling).CountAsync());
        Assert.Single(server.Chats.Methods);
    }

    [Fact]
    public async Task SendMessageStream_Rejected_CancelsNothing()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Fail(StatusCode.FailedPrecondition, "CHAT_BUSY"));

        await Assert.ThrowsAsync<ChatException>(async () => await server.Chat().SendMessageStreamAsync("go", Cancelling).CountAsync());
        Assert.Single(server.Chats.Methods);
    }

    [Fact]
    public async Task SendMessage_TokenCanceled_FindsTheTurnByRequestIdAndCancelsIt()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var source = new CancellationTokenSource();
        server.Chats.Enqueue(
            async (_, _, context) =>
            {
                await source.CancelAsync();
                await HangAsync(context);
                return null!;
            },
            Stream(Turn, 1, HangAsync),
            Cancelled);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server.Chat().SendMessageAsync("go", Cancelling, source.Token));

        Assert.Equal(["SendMessage", "SendMessageStream", "CancelTurn"], server.Chats.Methods);
        Assert.Equal(((SendMessageRequest)server.Chats.Requests[0]).RequestId, ((SendMessageRequest)server.Chats.Requests[1]).RequestId);
        Assert.Equal(Events.TurnId, ((CancelTurnRequest)server.Chats.Requests[2]).TurnId);
    }

    [Fact]
    public async Task SendMessageStream_TimesOut_ThrowsWithTheRequestId()
    {
        var time = new ManualTimeProvider();
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Stream(Turn, 2, HangAsync));
        var options = new SendOptions { Timeout = TimeSpan.FromMinutes(3), RequestId = "mine" };

        var failure = await Assert.ThrowsAsync<ChatTimeoutException>(async () =>
        {
            await foreach (var _ in server.Chat(time: time).SendMessageStreamAsync("go", options))
            {
                time.Advance(TimeSpan.FromMinutes(3));
            }
        });

        Assert.Equal((StatusCode.DeadlineExceeded, "mine"), (failure.Status, failure.RequestId));
    }

    [Fact]
    public async Task SendMessage_TimesOutDuringBackoff_Throws()
    {
        var time = new ManualTimeProvider();
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Fail(StatusCode.Unavailable, "STORE_UNAVAILABLE", TimeSpan.FromSeconds(59)));
        var sending = server.Chat(time: time).SendMessageAsync("go", new SendOptions { Timeout = TimeSpan.FromSeconds(58) });
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(60));
        Assert.False(sending.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(58));

        await Assert.ThrowsAsync<ChatTimeoutException>(() => sending);
    }

    [Fact]
    public async Task Get_TimesOut_Throws()
    {
        var time = new ManualTimeProvider();
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(async (_, _, context) =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await HangAsync(context);
            return null!;
        });

        await Assert.ThrowsAsync<ChatTimeoutException>(() => server.Chat(time: time).GetAsync());
    }
}
