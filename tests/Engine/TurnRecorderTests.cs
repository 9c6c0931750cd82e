using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Engine.Turns;
using GenAI.Chats.V1;
using static GenAI.Chats.TestKit.Chats.Messages;

namespace GenAI.Chats.Engine.Tests;

public sealed class TurnRecorderTests
{
    private static readonly Candidate NoParts = new() { Content = new Content { Role = "model" }, FinishReason = "STOP" };

    /// <summary>What a model answers, whether in a stream, whether the turn is curated, and the content that is recorded.</summary>
    public static TheoryData<string, GenerateContentResponse[], bool, bool, string> Answers => new()
    {
        { "chunks", [Chunk("a "), Chunk("b "), Chunk("c", "STOP")], true, true, "a b c" },
        { "unary", [Chunk("abc", "STOP")], false, true, "abc" },
        { "unary without a finish reason", [Chunk("abc")], false, true, "abc" },
        { "stream without a finish reason", [Chunk("a "), Chunk("b")], true, false, "a b" },
        { "unary without candidates", [new()], false, false, "" },
        { "no chunk", [], true, false, "" },
        { "a candidate without content", [Response(new Candidate { FinishReason = "STOP" })], false, false, "" },
        { "a content without parts", [Response(NoParts)], false, false, "" },
        { "an empty part", [Parts("STOP", new Part())], false, false, "" },
        { "a text and an empty part", [Parts("STOP", new Part { Text = "a" }, new Part())], false, false, "a" },
        { "a blocked prompt", [new() { PromptFeedback = new PromptFeedback { BlockReason = "SAFETY" } }], true, false, "" },
        { "an empty text alone", [Chunk("")], false, true, "" },
        { "an empty text alone, in a stream", [Chunk("", "STOP")], true, true, "" },
        { "a last chunk with an empty text", [Chunk("a"), Chunk("", "STOP")], true, true, "a" },
        { "a last chunk with a content without parts", [Chunk("a"), Response(NoParts)], true, true, "a" },
        { "a last chunk without content", [Chunk("a"), Response(new Candidate { FinishReason = "STOP" })], true, true, "a" },
        { "usage after the finish", [Chunk("a", "STOP"), new() { UsageMetadata = new UsageMetadata { TotalTokenCount = 3 } }], true, true, "a" },
        { "a last chunk with a signature alone", [Chunk("a"), Parts("STOP", new Part { ThoughtSignature = "c2ln" })], true, true, "a" },
        { "partial text, then SAFETY", [Chunk("a"), Response(new Candidate { FinishReason = "SAFETY" })], true, true, "a" },
        { "SAFETY alone", [Response(new Candidate { FinishReason = "SAFETY" })], true, false, "" },
        { "SAFETY with text", [Chunk("a", "SAFETY")], false, true, "a" },
        { "MAX_TOKENS", [Chunk("a", "MAX_TOKENS")], true, true, "a" },
        { "a role that is not the model's", [Response(new Candidate { Content = User("a"), FinishReason = "STOP" })], false, false, "a" },
        { "no role", [Response(new Candidate { Content = Text("", "a"), FinishReason = "STOP" })], false, true, "a" },
        { "a function call", [Parts("STOP", new Part { FunctionCall = new FunctionCall { Name = "f" } })], true, true, "" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void IsValid_Answer_AsDecided(string what, GenerateContentResponse[] responses, bool stream, bool valid, string text)
    {
        var recorder = Recorded(stream, responses);

        Assert.True(valid == recorder.IsValid(), what);
        var content = Assert.Single(recorder.ToOutcome(recorded: true).Contents);
        Assert.Equal(text, string.Concat(content.Parts.Select(p => p.Text)));
    }

    [Fact]
    public void ToOutcome_NothingCame_AnEmptyContentOfTheModel()
    {
        var outcome = Recorded(stream: true).ToOutcome(recorded: true);

        Assert.Equal([Empty("model")], outcome.Contents);
    }

    [Fact]
    public void ToOutcome_RoleMissing_IsTheModels() =>
        Assert.Equal("model", Recorded(stream: true, Response(new Candidate { Content = Text("", "a") })).ToOutcome(recorded: true).Contents[0].Role);

    [Fact]
    public void ToOutcome_SeveralCandidates_TheFirstIndexIsTheChats()
    {
        var response = new GenerateContentResponse
        {
            Candidates =
            {
                new Candidate { Index = 1, Content = Model("other"), FinishReason = "MAX_TOKENS" },
                new Candidate { Index = 0, Content = Model("chat's"), FinishReason = "STOP" },
            },
        };

        var outcome = Recorded(stream: true, response).ToOutcome(recorded: true);

        Assert.Equal([Model("chat's")], outcome.Contents);
        Assert.Equal("STOP", outcome.FinishReason);
    }

    [Fact]
    public void ToOutcome_ChunksSayMore_TheLastWordCounts()
    {
        var first = Chunk("a");
        first.UsageMetadata = new UsageMetadata { TotalTokenCount = 1 };
        first.ModelVersion = "v1";
        var second = Chunk("b", "STOP");
        second.UsageMetadata = new UsageMetadata { TotalTokenCount = 2 };

        var outcome = Recorded(stream: true, first, second, new GenerateContentResponse()).ToOutcome(recorded: true);

        Assert.Equal(2, outcome.Usage.TotalTokenCount);
        Assert.Equal("v1", outcome.ModelVersion);
        Assert.Equal("STOP", outcome.FinishReason);
        Assert.Equal(3, outcome.Chunks.Count);
        Assert.Equal(0u, outcome.DroppedChunks);
    }

    [Fact]
    public void ToOutcome_SeveralAnswers_ContentsAndChunksOfAllAreReplayed()
    {
        var recorder = Recorded(stream: true, Chunk("a "), Chunk("b"), WithUsage(Parts("STOP", Call("f"))));
        var answer = recorder.EndAnswer();
        Assert.Equal("m:a bf?", Line([answer.Content]));
        var responses = FunctionCalls.Response([Response("f")]);
        recorder.AddResponses(responses);
        recorder.BeginAnswer();
        recorder.Add(Chunk("c "));
        recorder.Add(WithUsage(Chunk("d", "MAX_TOKENS")));

        Assert.True(recorder.IsValid());
        var outcome = recorder.ToOutcome(recorded: true);

        Assert.Equal("m:a bf? u:f! m:c d", Line(outcome.Contents));
        Assert.Equal(("MAX_TOKENS", 6), (outcome.FinishReason, outcome.Usage.TotalTokenCount));
        GenerateContentResponse[] chunks =
            [Chunk("a "), Chunk("b"), WithUsage(Parts("STOP", Call("f"))), responses, Chunk("c "), WithUsage(Chunk("d", "MAX_TOKENS"))];
        Assert.Equal(chunks, ChunkDecoder.Decode(outcome.Chunks, outcome.Contents));
        Assert.Equal(chunks[..3], ChunkDecoder.Decode(answer.Chunks, [answer.Content]));

        static GenerateContentResponse WithUsage(GenerateContentResponse response)
        {
            response.UsageMetadata = new UsageMetadata { TotalTokenCount = 3 };
            return response;
        }
    }

    [Fact]
    public void IsValid_NextAnswerHasNoFinishReason_IsNot()
    {
        var recorder = Recorded(stream: true, Parts("STOP", Call("f")));
        recorder.EndAnswer();
        Assert.True(recorder.IsValid());
        recorder.AddResponses(FunctionCalls.Response([Response("f")]));
        recorder.BeginAnswer();
        recorder.Add(Chunk("c"));

        Assert.False(recorder.IsValid());
    }

    [Fact]
    public void ToOutcome_NotRecorded_CountsTheChunksAndKeepsNone()
    {
        var error = new Turn.Types.Error { Reason = "WHY" };

        var outcome = Recorded(stream: true, Chunk("a"), Chunk("b")).ToOutcome(recorded: false, error);

        Assert.Empty(outcome.Contents);
        Assert.Empty(outcome.Chunks);
        Assert.Equal(2u, outcome.DroppedChunks);
        Assert.Same(error, outcome.Error);
    }

    [Fact]
    public void Bytes_AreThoseOfTheResponsesAndOfWhatHoldsThem()
    {
        GenerateContentResponse[] responses = [Chunk("one"), Chunk("two", "STOP")];

        Assert.Equal(responses.Sum(r => r.CalculateSize() + 64), Recorded(stream: true, responses).Bytes);
    }

    private static TurnRecorder Recorded(bool stream, params GenerateContentResponse[] responses)
    {
        var recorder = new TurnRecorder(stream);
        foreach (var response in responses)
        {
            recorder.Add(response);
        }

        return recorder;
    }
}
