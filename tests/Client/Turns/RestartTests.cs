using GenAI.Chats.Client.Tests.Support;
using GenAI.Chats.V1;
using static GenAI.Chats.Client.Tests.Support.Answers;
using static GenAI.Chats.Client.Tests.Support.Events;

namespace GenAI.Chats.Client.Tests.Turns;

/// <summary>Turns that start over: the same answer is never noticed, another one never mixed in.</summary>
public sealed class RestartTests
{
    private static readonly string[] First = ["one ", "two ", "three ", "four "];

    public static IEnumerable<object[]> SameText =>
        from count in Enumerable.Range(1, First.Length + 1)
        from texts in new string[][]
        {
            First,
            ["one two three four "],
            ["o", "ne tw", "o three four", " "],
            ["one ", "", "two three ", "four "],
        }
        select new object[] { count, texts };

    [Theory]
    [MemberData(nameof(SameText))]
    public async Task SendMessageStream_NewAttemptSaysTheSame_GoesOnUnnoticed(int count, string[] again)
    {
        var chunks = await RunAsync(TurnRestartPolicy.Throw, (Attempt(1, First), count), (Attempt(2, again), int.MaxValue));

        Assert.Equal(string.Concat(First), string.Concat(chunks.Select(c => c.Text)));
        Assert.Equal("STOP", Assert.Single(chunks, c => c.FinishReason is not null).FinishReason);
        Assert.DoesNotContain(chunks, c => c.IsRestart);
    }

    [Fact]
    public async Task SendMessageStream_ManyAttempts_GoesOnUnnoticed()
    {
        var chunks = await RunAsync(
            TurnRestartPolicy.Throw,
            (Attempt(1, First), 3),
            (Attempt(2, First), 1),
            (Attempt(3, First), 2),
            (Attempt(4, "one two ", "three ", "four "), 3),
            (Attempt(5, First), int.MaxValue));

        Assert.Equal(First, chunks.Select(c => c.Text));
    }

    [Fact]
    public async Task SendMessageStream_ThoughtsSignaturesAndCallsRepeated_GoesOnUnnoticed()
    {
        GenerateContentResponse[] answer =
        [
            Chunk("", new Part { Text = "Hm", Thought = true }),
            Chunk("", new Part { Text = "m.", Thought = true }, new Part { Text = "Let me look." }),
            Chunk("", new Part { Text = "", ThoughtSignature = "c2ln" }),
            Chunk("", new Part { FunctionCall = new FunctionCall { Name = "look", Id = "1" } }),
            Chunk("STOP", new Part { FunctionCall = new FunctionCall { Name = "listen", Id = "2" } }),
        ];
        for (var count = 2; count <= answer.Length + 1; count++)
        {
            var chunks = await RunAsync(TurnRestartPolicy.Throw, (Attempt(1, answer), count), (Attempt(2, answer), int.MaxValue));

            Assert.Equal(answer, chunks.Select(c => c.Response));
        }
    }

    [Theory]
    [InlineData("one ", "deux ")]
    [InlineData("one two three")]
    [InlineData("one")]
    [InlineData("")]
    public async Task SendMessageStream_NewAttemptSaysSomethingElse_Throws(params string[] again)
    {
        var failure = await Assert.ThrowsAsync<TurnRestartedException>(
            () => RunAsync(TurnRestartPolicy.Throw, (Attempt(1, First), 4), (Attempt(2, [.. again]), int.MaxValue)));

        Assert.Equal((TurnId, 2), (failure.TurnId, failure.Attempt));
        Assert.NotNull(failure.RequestId);
    }

    [Theory]
    [InlineData("one ", "deux ", "trois ")]
    [InlineData("one two ", "drei")]
    [InlineData("one")]
    [InlineData("uno ")]
    public async Task SendMessageStream_Signal_MarksWhereTheNewAnswerBegins(params string[] again)
    {
        var chunks = await RunAsync(TurnRestartPolicy.Signal, (Attempt(1, First), 4), (Attempt(2, [.. again]), int.MaxValue));

        Assert.Equal(First[..3], chunks.TakeWhile(c => !c.IsRestart).Select(c => c.Text));
        var anew = chunks.SkipWhile(c => !c.IsRestart).ToList();
        Assert.Equal(again, anew.Select(c => c.Text));
        Assert.Single(anew, c => c.IsRestart);
        Assert.All(anew, c => Assert.Equal(2, c.Attempt));
    }

    [Fact]
    public async Task SendMessageStream_SignalAndNewAnswerIsNone_SaysSo()
    {
        var chunks = await RunAsync(TurnRestartPolicy.Signal, (Attempt(1, First), 2), (Attempt(2, Array.Empty<string>()), int.MaxValue));

        Assert.Equal([("one ", false), (null, true)], chunks.Select(c => (c.Text, c.IsRestart)));
    }

    [Fact]
    public async Task SendMessageStream_DifferentCallOrFinishReason_Throws()
    {
        var call = Chunk("STOP", new Part { FunctionCall = new FunctionCall { Name = "look", Id = "1" } });
        var other = Chunk("STOP", new Part { FunctionCall = new FunctionCall { Name = "look", Id = "2" } });
        var cut = Chunk("MAX_TOKENS", new Part { FunctionCall = new FunctionCall { Name = "look", Id = "1" } });

        await Assert.ThrowsAsync<TurnRestartedException>(() => RunAsync(TurnRestartPolicy.Throw, (Attempt(1, call), 2), (Attempt(2, other), int.MaxValue)));
        await Assert.ThrowsAsync<TurnRestartedException>(() => RunAsync(TurnRestartPolicy.Throw, (Attempt(1, call), 2), (Attempt(2, cut), int.MaxValue)));
    }

    [Fact]
    public async Task SendMessageStream_Buffer_GivesTheLastAttemptAlone()
    {
        var chunks = await RunAsync(TurnRestartPolicy.Buffer, (Attempt(1, First), 4), (Attempt(2, "uno ", "due "), int.MaxValue));

        Assert.Equal(["uno ", "due "], chunks.Select(c => c.Text));
        Assert.DoesNotContain(chunks, c => c.IsRestart);
    }

    [Theory]
    [InlineData(TurnRestartPolicy.Signal)]
    [InlineData(TurnRestartPolicy.Buffer)]
    public async Task ReadTurn_StartedOverSinceTheOffset_MarksTheFirstChunk(TurnRestartPolicy policy)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Stream(Attempt(2, First)));

        var chunks = await server.Chat(new ChatsClientOptions { OnTurnRestart = policy }).ReadTurnAsync(TurnId, afterOffset: 3).ToListAsync();

        Assert.Equal([true, false, false, false], chunks.Select(c => c.IsRestart));
        Assert.Equal(First, chunks.Select(c => c.Text));
    }

    [Fact]
    public async Task ReadTurn_StartedOverSinceTheOffset_Throws()
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
