using GenAI.Chats.Client.Tests.Support;
using GenAI.Chats.V1;
using static GenAI.Chats.Client.Tests.Support.Answers;
using static GenAI.Chats.Client.Tests.Support.Events;

namespace GenAI.Chats.Client.Tests.Turns;

/// <summary>Turns that the service restarts: the stream follows the highest attempt, and never mixes two.</summary>
public sealed class RestartTests
{
    private static readonly string[] First = ["one ", "two ", "three ", "four "];

    [Theory]
    [InlineData(TurnRestartPolicy.Throw)]
    [InlineData(TurnRestartPolicy.Signal)]
    [InlineData(TurnRestartPolicy.Buffer)]
    public async Task SendMessageStream_RestartBeforeTheFirstChunk_ReturnsTheLastAttempt(TurnRestartPolicy policy)
    {
        var chunks = await RunAsync(policy, (Attempt(1, First), 1), (Attempt(2, First), 1), (Attempt(3, First), int.MaxValue));

        Assert.Equal(First, chunks.Select(c => c.Text));
        Assert.All(chunks, c => Assert.Equal((3, false), (c.Attempt, c.IsRestart)));
    }

    [Theory]
    [InlineData(2, "one ", "two ", "three ", "four ")]
    [InlineData(4, "one ", "deux ")]
    [InlineData(5, "one two three")]
    [InlineData(3, "")]
    public async Task SendMessageStream_Throw_Throws(int count, params string[] again)
    {
        var failure = await Assert.ThrowsAsync<TurnRestartedException>(
            () => RunAsync(TurnRestartPolicy.Throw, (Attempt(1, First), count), (Attempt(2, [.. again]), int.MaxValue)));

        Assert.Equal((TurnId, 2), (failure.TurnId, failure.Attempt));
        Assert.NotNull(failure.RequestId);
    }

    [Theory]
    [InlineData("one ", "two ", "three ", "four ")]
    [InlineData("one ", "deux ", "trois ")]
    [InlineData("uno ")]
    public async Task SendMessageStream_Signal_MarksWhereTheNewResponseBegins(params string[] again)
    {
        var chunks = await RunAsync(TurnRestartPolicy.Signal, (Attempt(1, First), 4), (Attempt(2, [.. again]), int.MaxValue));

        Assert.Equal(First[..3], chunks.TakeWhile(c => !c.IsRestart).Select(c => c.Text));
        var restarted = chunks.SkipWhile(c => !c.IsRestart).ToList();
        Assert.Equal(again, restarted.Select(c => c.Text));
        Assert.Single(restarted, c => c.IsRestart);
        Assert.All(restarted, c => Assert.Equal(2, c.Attempt));
    }

    [Fact]
    public async Task SendMessageStream_SignalAndSeveralRestarts_MarksEachThatVoidsChunks()
    {
        var chunks = await RunAsync(
            TurnRestartPolicy.Signal,
            (Attempt(1, First), 3),
            (Attempt(2, First), 1),
            (Attempt(3, First), 2),
            (Attempt(4, "un ", "deux "), int.MaxValue));

        Assert.Equal(
            [("one ", 1, false), ("two ", 1, false), ("one ", 3, true), ("un ", 4, true), ("deux ", 4, false)],
            chunks.Select(c => (c.Text!, c.Attempt, c.IsRestart)));
    }

    [Fact]
    public async Task SendMessageStream_SignalAndEmptyNewResponse_MarksAnEmptyChunk()
    {
        var chunks = await RunAsync(TurnRestartPolicy.Signal, (Attempt(1, First), 2), (Attempt(2, Array.Empty<string>()), int.MaxValue));

        Assert.Equal([("one ", false), (null, true)], chunks.Select(c => (c.Text, c.IsRestart)));
    }

    [Fact]
    public async Task SendMessageStream_SignalAndNextAttemptFailsWithoutAChunk_MarksTheNextTurn()
    {
        await using var server = await ScriptedServer.StartAsync();
        var error = new Turn.Types.Error { Code = 14, Reason = "MODEL_UNAVAILABLE", Message = "busy" };
        server.Chats.Enqueue(
            Stream(Attempt(1, First), 2, StopAsync), Stream(Failure(2, error)), Stream(Attempt(1, "uno ", "due ")));

        var chunks = await server.Chat().SendMessageStreamAsync("go", new SendOptions { OnTurnRestart = TurnRestartPolicy.Signal }).ToListAsync();

        Assert.Equal([("one ", false), ("uno ", true), ("due ", false)], chunks.Select(c => (c.Text!, c.IsRestart)));
    }

    [Fact]
    public async Task SendMessageStream_Buffer_ReturnsOnlyTheLastAttempt()
    {
        var chunks = await RunAsync(TurnRestartPolicy.Buffer, (Attempt(1, First), 4), (Attempt(2, "uno ", "due "), int.MaxValue));

        Assert.Equal(["uno ", "due "], chunks.Select(c => c.Text));
        Assert.DoesNotContain(chunks, c => c.IsRestart);
    }

    [Theory]
    [InlineData(TurnRestartPolicy.Signal)]
    [InlineData(TurnRestartPolicy.Buffer)]
    public async Task ReadTurn_RestartedSinceTheOffset_MarksTheFirstChunk(TurnRestartPolicy policy)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Stream(Attempt(2, First)));

        var chunks = await server.Chat(new ChatsClientOptions { OnTurnRestart = policy }).ReadTurnAsync(TurnId, afterOffset: 3).ToListAsync();

        Assert.Equal([true, false, false, false], chunks.Select(c => c.IsRestart));
        Assert.Equal(First, chunks.Select(c => c.Text));
    }

    [Fact]
    public async Task ReadTurn_RestartedSinceTheOffset_Throws()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Stream(Attempt(2, First)));

        await Assert.ThrowsAsync<TurnRestartedException>(
            async () => await server.Chat().ReadTurnAsync(TurnId, afterOffset: 3).ToListAsync());
    }

    private static async Task<List<TurnChunk>> RunAsync(TurnRestartPolicy policy, params (IReadOnlyList<TurnEvent> Events, int Count)[] attempts)
    {
        await using var server = await ScriptedServer.StartAsync();
        foreach (var (events, count) in attempts)
        {
            server.Chats.Enqueue(count == int.MaxValue ? Stream(events) : Stream(events, count, StopAsync));
        }

        return await server.Chat().SendMessageStreamAsync("go", new SendOptions { OnTurnRestart = policy }).ToListAsync();
    }
}
