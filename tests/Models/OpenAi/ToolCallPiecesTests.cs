using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.OpenAi;

/// <summary>How servers cut tool calls into pieces, and which call each piece belongs to.</summary>
public sealed class ToolCallPiecesTests : IAsyncLifetime
{
    private const string Town = """{"name":"town","arguments":"{\"n\":1}"}""";
    private const string Clock = """{"name":"clock","arguments":"{\"n\":2}"}""";
    private const string Both = """[["a","town",{"n":1}],["b","clock",{"n":2}]]""";
    private const string BothWithoutIds = """[["","town",{"n":1}],["","clock",{"n":2}]]""";

    private OpenAiFixture _openAi = null!;

    /// <summary>Lists of tool calls, one for each delta, and the calls that they are.</summary>
    public static TheoryData<string[], string> Deltas => new()
    {
        // Same index, other ids.
        { [$$"""[{"index":0,"id":"a","function":{{Town}}}]""", $$"""[{"index":0,"id":"b","function":{{Clock}}}]"""], Both },
        { [$$"""[{"index":0,"id":"a","function":{{Town}}},{"index":0,"id":"b","function":{{Clock}}}]"""], Both },
        {
            [$$"""[{"index":0,"id":"a","function":{{Town}}}]""", """[{"index":0,"id":"b","function":{"name":"clock","arguments":"{\"n\""}}]""", """[{"index":0,"function":{"arguments":":2}"}}]"""],
            Both
        },
        {
            ["""[{"index":0,"id":"a","function":{"name":"town","arguments":"{"}},{"index":0,"id":"b","function":{"name":"clock","arguments":"{\"n\""}}]""", """[{"index":0,"id":"a","function":{"arguments":"\"n\":1}"}}]""", """[{"index":0,"id":"b","function":{"arguments":":2}"}}]"""],
            Both
        },
        // No index.
        { [$$"""[{"id":"a","function":{{Town}}},{"id":"b","function":{{Clock}}}]"""], Both },
        { ["""[{"id":"a","function":{"name":"town","arguments":"{\"n\""}}]""", """[{"id":"a","function":{"arguments":":1}"}}]""", $$"""[{"id":"b","function":{{Clock}}}]"""], Both },
        { ["""[{"id":"a","function":{"name":"town","arguments":"{\"n\""}}]""", """[{"function":{"arguments":":1}"}}]""", $$"""[{"id":"b","function":{{Clock}}}]"""], Both },
        // Neither.
        { [$$"""[{"function":{{Town}}},{"function":{{Clock}}}]"""], BothWithoutIds },
        { [$$"""[{"function":{{Town}}}]""", $$"""[{"function":{{Clock}}}]"""], BothWithoutIds },
        { [$$"""[{"function":{{Town}}}]""", """[{"function":{"name":"clock","arguments":"{\"n\""}}]""", """[{"function":{"arguments":":2}"}}]"""], BothWithoutIds },
        {
            ["""[{"function":{"name":"town","arguments":"{\"n\""}},{"function":{"name":"clock","arguments":"{\"n\""}}]""", """[{"function":{"arguments":":1}"}},{"function":{"arguments":":2}"}}]"""],
            BothWithoutIds
        },
        { [$$"""[{"index":0,"function":{{Town}}}]""", $$"""[{"index":0,"function":{{Clock}}}]"""], BothWithoutIds },
        { [$$"""[{"id":"","index":null,"function":{{Town}}},{"id":null,"function":{{Town}}}]"""], """[["","town",{"n":1}],["","town",{"n":1}]]""" },
        // The second one first.
        { [$$"""[{"index":1,"id":"b","function":{{Clock}}}]""", $$"""[{"index":0,"id":"a","function":{{Town}}}]"""], Both },
        // An id that comes late, or is made up again for each piece.
        { ["""[{"index":0,"function":{"name":"town","arguments":""}}]""", """[{"index":0,"id":"a","function":{"arguments":"{\"n\":1}"}}]"""], """[["a","town",{"n":1}]]""" },
        { ["""[{"index":0,"id":"a","function":{"name":"town","arguments":"{\"n\""}}]""", """[{"index":0,"id":"x","function":{"arguments":":1}"}}]"""], """[["a","town",{"n":1}]]""" },
        // One id for all.
        { [$$"""[{"index":0,"id":"a","function":{{Town}}}]""", $$"""[{"index":1,"id":"a","function":{{Clock}}}]"""], """[["a","town",{"n":1}],["","clock",{"n":2}]]""" },
        {
            [$$"""[{"index":0,"id":"a","function":{{Town}}}]""", """[{"index":1,"id":"a","function":{"name":"clock","arguments":"{\"n\""}}]""", """[{"index":1,"id":"a","function":{"name":"clock","arguments":":2}"}}]"""],
            """[["a","town",{"n":1}],["","clock",{"n":2}]]"""
        },
        // The name in every piece, in pieces, or growing.
        {
            ["""[{"index":0,"id":"a","function":{"name":"town","arguments":"{\"n"}}]""", """[{"index":0,"id":"a","function":{"name":"town","arguments":"\":"}}]""", """[{"index":0,"id":"a","function":{"name":"town","arguments":"1}"}}]"""],
            """[["a","town",{"n":1}]]"""
        },
        {
            ["""[{"index":0,"function":{"name":"town","arguments":"{\"n"}}]""", """[{"index":0,"function":{"name":"town","arguments":"\":1}"}}]""", """[{"index":0,"function":{"name":"town","arguments":""}}]"""],
            """[["","town",{"n":1}]]"""
        },
        { ["""[{"index":0,"id":"a","function":{"name":"to"}}]""", """[{"index":0,"function":{"name":"wn"}}]""", """[{"index":0,"function":{"arguments":"{}"}}]"""], """[["a","town",{}]]""" },
        { ["""[{"index":0,"id":"a","function":{"name":"to"}}]""", """[{"index":0,"function":{"name":"town"}}]"""], """[["a","town",{}]]""" },
        { ["""[{"index":0,"id":"a","function":{"name":"town","arguments":""}}]""", """[{"index":0,"id":null,"function":{"name":null,"arguments":null}}]"""], """[["a","town",{}]]""" },
        // The whole call again behind its pieces.
        { ["""[{"index":0,"id":"a","function":{"name":"town","arguments":"{\"n\":"}}]""", """[{"index":0,"function":{"arguments":"1}"}}]""", $$"""[{"index":0,"id":"a","function":{{Town}}}]"""], """[["a","town",{"n":1}]]""" },
        // A character cut in two.
        { ["""[{"index":0,"id":"a","function":{"name":"town","arguments":"{\"n\":\"\ud83d"}}]""", """[{"index":0,"function":{"arguments":"\ude00\"}"}}]"""], """[["a","town",{"n":"😀"}]]""" },
    };

    /// <summary>Whole lists of tool calls, as a message has them.</summary>
    public static TheoryData<string, string> Messages => new()
    {
        { $$"""[{"function":{{Town}}},{"function":{{Clock}}}]""", BothWithoutIds },
        { $$"""[{"index":0,"id":"a","function":{{Town}}},{"index":0,"id":"b","function":{{Clock}}}]""", Both },
        { $$"""[{"id":"a","function":{{Town}}},{"id":"a","function":{{Clock}}}]""", """[["a","town",{"n":1}],["","clock",{"n":2}]]""" },
        { $$"""[{"id":"a","function":{{Town}}},{"id":"a","function":{{Town}}}]""", """[["a","town",{"n":1}]]""" },
        { """[{"index":0,"function":{"name":"town"}},{"index":0,"function":{"name":"clock"}}]""", """[["","town",{}],["","clock",{}]]""" },
    };

    public async Task InitializeAsync() => _openAi = await OpenAiFixture.StartAsync();

    public async Task DisposeAsync() => await _openAi.DisposeAsync();

    [Theory]
    [MemberData(nameof(Deltas))]
    public async Task GenerateAsync_Deltas_BecomeTheCallsThatTheyAre(string[] deltas, string calls)
    {
        _openAi.Server.Enqueue(Raw(deltas));

        Assert.Equal(Plain(calls), await CallsAsync(stream: true));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task GenerateAsync_Message_HasTheCallsThatItHas(string message, string calls)
    {
        _openAi.Server.Enqueue(OpenAiReply.Completion(new JsonObject { ["tool_calls"] = JsonNode.Parse(message) }, "tool_calls"));

        Assert.Equal(Plain(calls), await CallsAsync(stream: false));
    }

    [Fact]
    public async Task GenerateAsync_CallsWithoutAnEnd_AreBounded()
    {
        var reply = TestKit.ScriptedGemini.ScriptedReply.Stream();
        for (var i = 0; i < 2000; i++)
        {
            reply.Event(Chunk($$$"""[{"index":{{{i}}},"id":"{{{i}}}","function":{"name":"f","arguments":"{}"}}]"""));
        }

        _openAi.Server.Enqueue(reply.Hang());

        var failure = await Assert.ThrowsAsync<ModelException>(() => _openAi.Model.CallAsync(Ask("q")));

        Assert.Equal((Code.Internal, ModelErrorReasons.ResponseTooLarge, false), (failure.Code, failure.Reason, failure.IsRetryable));
        await _openAi.Server.Requests[0].ClosedByClient.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task GenerateAsync_CallWithoutAName_IsMalformed()
    {
        _openAi.Server.Enqueue(Raw(["""[{"index":0,"id":"a","function":{"arguments":"{}"}}]"""]));

        var candidate = ResponseMerger.Merge(await _openAi.Model.CallAsync(Ask("q"))).Candidates.Single();

        Assert.Equal(("MALFORMED_FUNCTION_CALL", "A function call has no name.", null), (candidate.FinishReason, candidate.FinishMessage, candidate.Content));
    }

    private static string Plain(string json) => JsonNode.Parse(json)!.ToJsonString();

    private static string Chunk(string calls) => $$$"""{"choices":[{"index":0,"delta":{"tool_calls":{{{calls}}}},"finish_reason":null}]}""";

    // As they are: half of a character has no other form.
    private static TestKit.ScriptedGemini.ScriptedReply Raw(string[] deltas) =>
        deltas.Aggregate(TestKit.ScriptedGemini.ScriptedReply.Stream(), (reply, delta) => reply.Event(Chunk(delta)))
            .Event(OpenAiReply.Chunk("{}", "tool_calls")).Event("[DONE]");

    private async Task<string> CallsAsync(bool stream)
    {
        var response = ResponseMerger.Merge(await _openAi.Model.CallAsync(Ask("q", stream)));
        var candidate = response.Candidates.Single();
        Assert.Equal(("STOP", ""), (candidate.FinishReason, candidate.FinishMessage));
        return new JsonArray([.. candidate.Content.Parts.Select(JsonNode (part) => new JsonArray(
            part.FunctionCall.Id, part.FunctionCall.Name, JsonNode.Parse(RestJson.Write(part.FunctionCall.Args))))]).ToJsonString();
    }
}
