using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Tests.Calls.Support;
using GenAI.Chats.V1;
using static GenAI.Chats.Models.Tests.Calls.Support.Answers;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Calls;

public sealed class EmptyAnswerTests
{
    public static TheoryData<string, GenerateContentResponse[]> EmptyOnes => new()
    {
        { "no parts", [Chunk(null, "STOP")] },
        { "no content", [new GenerateContentResponse { Candidates = { new Candidate { FinishReason = "STOP" } } }] },
        { "an empty text", [Chunk("", "STOP")] },
        { "an empty part", [With(new Part())] },
        { "chunks", [Chunk(""), Chunk(null), Chunk("", "STOP")] },
        { "usage at the end", [Chunk(null, "STOP"), new GenerateContentResponse { UsageMetadata = new UsageMetadata { TotalTokenCount = 7 } }] },
    };

    public static TheoryData<string, GenerateContentResponse[]> Others => new()
    {
        { "another reason", [Chunk(null, "MAX_TOKENS")] },
        { "no reason", [Chunk(null)] },
        { "blocked", [new GenerateContentResponse { PromptFeedback = new PromptFeedback { BlockReason = "SAFETY" } }] },
        { "a signature", [With(new Part { Text = "", ThoughtSignature = "s" })] },
        { "a call", [With(new Part { FunctionCall = new FunctionCall { Name = "f" } })] },
        { "a thought", [With(new Part { Text = "hm", Thought = true })] },
        { "nothing", [] },
    };

    [Theory]
    [MemberData(nameof(EmptyOnes))]
    public async Task GenerateAsync_EmptyStop_IsAskedAgainAndNothingOfItIsSeen(string name, GenerateContentResponse[] chunks)
    {
        using var world = new CallWorld();
        world.Target.Enqueue(Of(chunks), Of(chunks), Text("a", "b"));

        Assert.True(await world.CallAsync() == "a|b", name);

        Assert.Equal(3, world.Target.Calls.Count);
        Assert.Equal(2, world.Log.Events.Count(@event => @event == "EmptyAnswer"));
        world.AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_AlwaysEmpty_LastOneIsTheAnswer(bool stream)
    {
        using var world = new CallWorld();
        world.Target.Otherwise = Empty();

        var answer = await world.Model.CallAsync(Ask("hi", stream));

        Assert.Equal([Chunk(null, "STOP")], answer);
        Assert.Equal(3, world.Target.Calls.Count);
    }

    [Theory]
    [MemberData(nameof(Others))]
    public async Task GenerateAsync_AnythingElse_IsTheAnswer(string name, GenerateContentResponse[] chunks)
    {
        using var world = new CallWorld();
        world.Target.Enqueue(Of(chunks));

        var answer = await world.Model.CallAsync(Ask("hi"));

        Assert.True(chunks.SequenceEqual(answer), name);
        Assert.Single(world.Target.Calls);
    }

    [Fact]
    public async Task GenerateAsync_ContentAfterEmptyChunks_AllOfThemComeInOrder()
    {
        using var world = new CallWorld();
        var chunks = new[] { Chunk(null), Chunk(""), Chunk("text"), Chunk(null, "STOP") };
        world.Target.Enqueue(Of(chunks));

        Assert.Equal(chunks, await world.Model.CallAsync(Ask("hi")));
    }

    [Fact]
    public async Task GenerateAsync_NoEmptyRetries_FirstOneIsTheAnswer()
    {
        using var world = new CallWorld(CallWorld.Patient with { Retry = new RetryOptions { MaxEmptyRetries = 0 } });
        world.Target.Otherwise = Empty();

        await world.CallAsync();

        Assert.Single(world.Target.Calls);
    }

    private static GenerateContentResponse With(Part part) => new()
    {
        Candidates = { new Candidate { Content = new Content { Role = "model", Parts = { part } }, FinishReason = "STOP" } },
    };
}
