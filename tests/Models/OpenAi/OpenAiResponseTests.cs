using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using GenAI.Chats.V1;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.OpenAi;

public sealed class OpenAiResponseTests : IAsyncLifetime
{
    private OpenAiFixture _openAi = null!;

    /// <summary>Messages with their finish reasons, and the candidates that they become. Deltas say the same in pieces.</summary>
    public static TheoryData<string, string, string> Messages => new()
    {
        { """{"content":"hi"}""", "stop", """{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP"}""" },
        { """{"content":"hi"}""", "length", """{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"MAX_TOKENS"}""" },
        { """{"content":""}""", "content_filter", """{"finishReason":"SAFETY"}""" },
        { """{"content":null}""", "stop", """{"finishReason":"STOP"}""" },
        { """{}""", "abort", """{"finishReason":"OTHER","finishMessage":"Provider finish reason: 'abort'."}""" },
        { """{"reasoning_content":"hm","content":"hi"}""", "stop", """{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"hi"}]},"finishReason":"STOP"}""" },
        { """{"reasoning":"hm","content":"hi"}""", "stop", """{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"hi"}]},"finishReason":"STOP"}""" },
        { """{"content":null,"refusal":"No."}""", "stop", """{"content":{"role":"model","parts":[{"text":"No."}]},"finishReason":"STOP","finishMessage":"The model refused to answer."}""" },
        { """{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}""", "stop", """{"content":{"role":"model","parts":[{"text":"ab"}]},"finishReason":"STOP"}""" },
        {
            """{"content":"so","tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\":[1,null]}"}},{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":""}}]}""",
            "tool_calls",
            """{"content":{"role":"model","parts":[{"text":"so"},{"functionCall":{"id":"c1","name":"f","args":{"x":[1,null]}}},{"functionCall":{"id":"c2","name":"g","args":{}}}]},"finishReason":"STOP"}"""
        },
        {
            """{"tool_calls":[{"function":{"name":"f","arguments":{"x":1}}}]}""",
            "tool_calls",
            """{"content":{"role":"model","parts":[{"functionCall":{"name":"f","args":{"x":1}}}]},"finishReason":"STOP"}"""
        },
        {
            """{"content":"so","tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"x\":"}}]}""",
            "tool_calls",
            """{"content":{"role":"model","parts":[{"text":"so"}]},"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Arguments for function 'f' aren't a JSON object."}"""
        },
        {
            """{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"[1]"}}]}""",
            "tool_calls",
            """{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Arguments for function 'f' aren't a JSON object."}"""
        },
    };

    public async Task InitializeAsync() => _openAi = await OpenAiFixture.StartAsync();

    public async Task DisposeAsync() => await _openAi.DisposeAsync();

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task GenerateAsync_Message_BecomesACandidate(string message, string finishReason, string candidate)
    {
        _openAi.Server.Enqueue(
            OpenAiReply.Completion(JsonNode.Parse(message)!.AsObject(), finishReason), OpenAiReply.StreamOf([message], finishReason));

        var response = Assert.Single(await _openAi.Model.CallAsync(Ask("q", stream: false)));
        var chunks = await _openAi.Model.CallAsync(Ask("q"));

        AssertJson(candidate, Assert.Single(response.Candidates));
        AssertJson(candidate, Assert.Single(ResponseMerger.Merge(chunks).Candidates));
        foreach (var whole in (GenerateContentResponse[])[response, ResponseMerger.Merge(chunks)])
        {
            Assert.Equal(("chatcmpl-1", "scripted-model", 1_700_000_000L), (whole.ResponseId, whole.ModelVersion, whole.CreateTime.Seconds));
            Assert.Equal((3, 2, 5), (whole.UsageMetadata.PromptTokenCount, whole.UsageMetadata.CandidatesTokenCount, whole.UsageMetadata.TotalTokenCount));
        }
    }

    [Fact]
    public async Task GenerateAsync_Stream_GivesEachTextAsItComes()
    {
        var gate = new Gate();
        _openAi.Server.Enqueue(ScriptedReply.Stream()
            .Event(OpenAiReply.Chunk("""{"role":"assistant","content":""}"""))
            .Event(OpenAiReply.Chunk("""{"content":"one "}"""))
            .WaitFor(gate)
            .Event(OpenAiReply.Chunk("""{"content":"two"}"""))
            .Event(OpenAiReply.Chunk("{}", "stop"))
            .Event(OpenAiReply.UsageChunk("""{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}"""))
            .Event("[DONE]"));

        await using var responses = _openAi.Model.GenerateAsync(Ask("q"), CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await responses.MoveNextAsync());
        Assert.Equal("one ", responses.Current.TextOf());
        gate.Open();
        Assert.True(await responses.MoveNextAsync());
        Assert.Equal("two", responses.Current.TextOf());
        Assert.True(await responses.MoveNextAsync());
        Assert.Equal("STOP", responses.Current.Candidates[0].FinishReason);
        Assert.True(await responses.MoveNextAsync());
        Assert.Equal((0, 3), (responses.Current.Candidates.Count, responses.Current.UsageMetadata.TotalTokenCount));
        Assert.False(await responses.MoveNextAsync());
    }

    [Fact]
    public async Task GenerateAsync_ParallelCallsInPieces_BecomeWholeCallsInOrder()
    {
        string[] deltas =
        [
            """{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}""",
            """{"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":"{\"y\""}}]}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":\"a"}},{"index":1,"function":{"arguments":":2}"}}]}""",
            """{"tool_calls":[{"index":0,"id":null,"function":{"name":null,"arguments":" b\"}"}}]}""",
        ];
        _openAi.Server.Enqueue(OpenAiReply.StreamOf(deltas, "tool_calls"));

        var chunks = await _openAi.Model.CallAsync(Ask("q"));

        var candidate = Assert.Single(chunks[0].Candidates);
        AssertJson(
            """{"content":{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{"x":"a b"}}},{"functionCall":{"id":"c2","name":"g","args":{"y":2}}}]},"finishReason":"STOP"}""",
            candidate);
    }

    [Fact]
    public async Task GenerateAsync_CallsWithoutAnIndex_AreToldApartByTheirIds()
    {
        string[] deltas =
        [
            """{"tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{\"x\":"}}]}""",
            """{"tool_calls":[{"function":{"arguments":"1}"}}]}""",
            """{"tool_calls":[{"id":"c2","function":{"name":"f","arguments":"{}"}}]}""",
        ];
        _openAi.Server.Enqueue(OpenAiReply.StreamOf(deltas, "tool_calls"));

        var parts = (await _openAi.Model.CallAsync(Ask("q")))[0].Candidates[0].Content.Parts;

        Assert.Equal([("c1", 1d), ("c2", 0d)], parts.Select(part => (part.FunctionCall.Id, part.FunctionCall.Args.Fields.GetValueOrDefault("x")?.NumberValue ?? 0)));
    }

    [Fact]
    public async Task GenerateAsync_EndWithoutAFinishReason_StillGivesTheCalls()
    {
        _openAi.Server.Enqueue(ScriptedReply.Stream()
            .Event(OpenAiReply.Chunk("""{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}]}"""))
            .Event("[DONE]"));

        var candidate = Assert.Single(Assert.Single(await _openAi.Model.CallAsync(Ask("q"))).Candidates);

        Assert.Equal(("f", ""), (candidate.Content.Parts.Single().FunctionCall.Name, candidate.FinishReason));
    }

    [Fact]
    public async Task GenerateAsync_SeveralChoices_AreCandidates()
    {
        _openAi.Server.Enqueue(ScriptedReply.Stream()
            .Event(OpenAiReply.Chunk("""{"content":"a"}""", index: 1)).Event(OpenAiReply.Chunk("""{"content":"b"}"""))
            .Event(OpenAiReply.Chunk("{}", "stop", index: 1)).Event(OpenAiReply.Chunk("{}", "length"))
            .Event("[DONE]"));

        var response = ResponseMerger.Merge(await _openAi.Model.CallAsync(Ask("q")));

        Assert.Equal(
            [(0, "b", "MAX_TOKENS"), (1, "a", "STOP")],
            response.Candidates.Select(candidate => (candidate.Index, candidate.Content.Parts.Single().Text, candidate.FinishReason)));
    }

    [Fact]
    public async Task GenerateAsync_Usage_CountsReasoningNextToTheAnswer()
    {
        const string Usage = """
            {"prompt_tokens":10,"completion_tokens":9,"total_tokens":9999999999,
             "completion_tokens_details":{"reasoning_tokens":7},"prompt_tokens_details":{"cached_tokens":4}}
            """;
        _openAi.Server.Enqueue(OpenAiReply.Completion(new JsonObject { ["content"] = "a" }, "stop", Usage));

        var usage = Assert.Single(await _openAi.Model.CallAsync(Ask("q", stream: false))).UsageMetadata;

        Assert.Equal(
            new UsageMetadata { PromptTokenCount = 10, CandidatesTokenCount = 2, ThoughtsTokenCount = 7, CachedContentTokenCount = 4, TotalTokenCount = int.MaxValue },
            usage);
    }

    [Fact]
    public async Task GenerateAsync_Logprobs_AreGiven()
    {
        _openAi.Server.Enqueue(ScriptedReply.Json(
            """{"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop","logprobs":{"content":[{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[{"token":"a","logprob":-0.5},{"token":"b","logprob":-1.5}]}]}}]}"""));

        var result = Assert.Single(await _openAi.Model.CallAsync(Ask("q", stream: false))).Candidates[0].LogprobsResult;

        AssertJson(
            """{"chosenCandidates":[{"token":"a","logProbability":-0.5}],"topCandidates":[{"candidates":[{"token":"a","logProbability":-0.5},{"token":"b","logProbability":-1.5}]}]}""",
            result);
    }

    private static void AssertJson(string expected, Google.Protobuf.IMessage actual)
    {
        var json = Encoding.UTF8.GetString(RestJson.Write(actual));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(json)), json);
    }
}
