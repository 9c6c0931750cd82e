using System.Text.Json.Nodes;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using GenAI.Chats.V1;
using Google.Protobuf;
using Microsoft.Extensions.AI;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Providers;

/// <summary>What comes with a message or a call and has no field goes back to where it came from, and to nobody else.</summary>
public sealed class KeptMembersTests
{
    private const string Call = """{"id":"a","type":"function","function":{"name":"town","arguments":"{}","strict":true},"extra_content":{"google":{"thought_signature":"c2ln"}}}""";

    /// <summary>Deltas, and the message that goes back.</summary>
    public static TheoryData<string[], string> Messages => new()
    {
        {
            ["""{"reasoning_content":"I look. "}""", """{"reasoning_content":"Yes."}""", $$"""{"tool_calls":[{{Call}}]}"""],
            $$"""{"role":"assistant","content":null,"tool_calls":[{{Call}}],"reasoning_content":"I look. Yes."}"""
        },
        {
            ["""{"reasoning":"I look. Yes.","content":"so"}""", $$"""{"tool_calls":[{{Call}}]}"""],
            $$"""{"role":"assistant","content":"so","tool_calls":[{{Call}}],"reasoning":"I look. Yes."}"""
        },
        {
            // Members in pieces, as OpenAI's libraries put them together.
            [
                """{"reasoning_details":[{"index":0,"type":"reasoning.text","text":"I "}],"annotations":[],"refusal":null,"audio":null}""",
                """{"reasoning_details":[{"index":0,"type":"reasoning.text","text":"look."}],"note":"a"}""",
                """{"reasoning_details":[{"index":0,"signature":"s","n":12345678901234567890},{"index":1,"type":"reasoning.encrypted","data":"d"}],"note":"b"}""",
                $$"""{"tool_calls":[{{Call}}]}""",
            ],
            $$"""
            {"role":"assistant","content":null,"tool_calls":[{{Call}}],"note":"ab",
             "reasoning_details":[{"index":0,"type":"reasoning.text","text":"I look.","signature":"s","n":12345678901234567890},{"index":1,"type":"reasoning.encrypted","data":"d"}]}
            """
        },
        {
            // Members of the message alone: thoughts go back with calls only.
            ["""{"reasoning_content":"hm","provider_specific_fields":{"x":[1]}}""", """{"content":"hi"}"""],
            """{"role":"assistant","content":"hi","provider_specific_fields":{"x":[1]}}"""
        },
        { ["""{"reasoning_content":"hm"}""", """{"content":"hi"}"""], """{"role":"assistant","content":"hi"}""" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task GenerateAsync_SameApi_GetsTheMessageAsItCame(string[] deltas, string message)
    {
        await using var world = await ProviderWorld.StartAsync("openai");
        world.Enqueue(OpenAiReply.StreamOf(deltas, "tool_calls"), OpenAiReply.StreamOfTexts("good"), OpenAiReply.Text("good"));

        var said = await SaidAsync(world, stream: true);
        var next = message.Contains("tool_calls", StringComparison.Ordinal) ? Result : User("and?");
        foreach (var stream in (bool[])[true, false])
        {
            await world.Route.CallAsync(Ask([next], stream, model: ProviderWorld.Model, history: [User("q"), said]));
            AssertMessage(message, world.Requests[^1]);
        }
    }

    [Fact]
    public async Task GenerateAsync_WholeMessage_GoesBackAsItCame()
    {
        const string Message = $$"""{"role":"assistant","content":"so","tool_calls":[{{Call}}],"reasoning_content":"I look.","more":{"x":1e400} }""";
        await using var world = await ProviderWorld.StartAsync("openai");
        world.Enqueue(OpenAiReply.Completion(JsonNode.Parse(Message)!.AsObject(), "tool_calls"), OpenAiReply.Text("good"));

        var said = await SaidAsync(world, stream: false);
        await world.Route.CallAsync(Ask([Result], stream: false, model: ProviderWorld.Model, history: [User("q"), said]));

        AssertMessage(Message, world.Requests[^1]);
        Assert.Contains("1e400", world.Requests[^1].Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateAsync_AnswerToAResult_GoesBackWithItsThoughts()
    {
        await using var world = await ProviderWorld.StartAsync("openai");
        world.Enqueue(
            OpenAiReply.StreamOf(["""{"reasoning_content":"one"}""", $$"""{"tool_calls":[{{Call}}]}"""], "tool_calls"),
            OpenAiReply.StreamOf(["""{"reasoning_content":"two","content":"done"}"""]),
            OpenAiReply.StreamOf(["""{"reasoning_content":"three","content":"bye"}"""]),
            OpenAiReply.StreamOfTexts("ok"));
        var history = new List<Content> { User("q") };
        history.Add(await SaidAsync(world, stream: true));
        foreach (var next in (Content[])[Result, User("and?")])
        {
            var answer = ResponseMerger.Merge(await world.Route.CallAsync(Ask([next], model: ProviderWorld.Model, history: [.. history])));
            history.AddRange([next, answer.Candidates.Single().Content]);
        }

        await world.Route.CallAsync(Ask([User("?")], model: ProviderWorld.Model, history: [.. history]));

        var messages = world.Requests[^1].Body.GetProperty("messages").EnumerateArray().Where(message => message.GetProperty("role").GetString() == "assistant");
        Assert.Equal(
            ["one", "two", null],
            messages.Select(message => message.TryGetProperty("reasoning_content", out var thoughts) ? thoughts.GetString() : null));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("gemini")]
    [InlineData("vertex")]
    [InlineData("client")]
    public async Task GenerateAsync_OtherApi_GetsNothingOfIt(string provider)
    {
        await using var first = await ProviderWorld.StartAsync("openai");
        first.Enqueue(OpenAiReply.StreamOf(["""{"reasoning_content":"hm","secret_member":1}""", $$"""{"tool_calls":[{{Call}}]}"""], "tool_calls"));
        var said = await SaidAsync(first, stream: true);

        // Another address, though of the same kind.
        await using var other = await ProviderWorld.StartAsync(provider);
        other.AnswerText(stream: false, "ok");
        await other.Route.CallAsync(Ask([Result], stream: false, model: ProviderWorld.Model, history: [User("q"), said]));
        other.AnswerText(stream: false, "ok");
        await other.Route.CallAsync(Ask([User("q"), said, Result], stream: false, model: ProviderWorld.Model));

        Assert.Equal(provider == "client" ? 0 : 2, other.Requests.Count);
        Assert.All(other.Requests, request =>
        {
            Assert.Contains("town", request.Body.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain("secret_member", request.Body.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain("provider_members", request.Body.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain("c2ln", request.Body.GetRawText(), StringComparison.Ordinal);
        });
        Assert.DoesNotContain(other.Client.Asked.Messages ?? [], message => message.Contents.Any(content => content is TextReasoningContent || content.AdditionalProperties is not null));
    }

    [Fact]
    public async Task GenerateAsync_KeptMembersOfAClientsOwn_ReplaceNothing()
    {
        await using var world = await ProviderWorld.StartAsync("openai");
        world.Enqueue(OpenAiReply.StreamOf([$$"""{"tool_calls":[{{Call}}]}"""], "tool_calls"), OpenAiReply.Text("good"), OpenAiReply.Text("good"));
        var said = await SaidAsync(world, stream: true);
        var kept = said.Parts[0].Extra.Fields["provider_members"].StructValue.Fields;
        kept["json"].StringValue = """{"id":"other","type":"x","function":{"name":"other","arguments":"[]","more":1}}""";

        await world.Route.CallAsync(Ask([Result], stream: false, model: ProviderWorld.Model, history: [User("q"), said]));
        kept["json"].StringValue = """{"a":1,"a":2""";
        await world.Route.CallAsync(Ask([Result], stream: false, model: ProviderWorld.Model, history: [User("q"), said]));

        AssertMessage(
            """{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"town","arguments":"{}","more":1}}]}""",
            world.Requests[1]);
        AssertMessage(
            """{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"town","arguments":"{}"}}]}""",
            world.Requests[2]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_Client_GetsItsProtectedThoughtsAndPropertiesBack(bool stream)
    {
        await using var world = await ProviderWorld.StartAsync("client");
        world.Client.Updates.AddRange(
        [
            new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("I "), new TextReasoningContent("look.")]),
            new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("") { ProtectedData = "sealed" }]),
            new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("unsealed")]),
            new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("a", "town") { AdditionalProperties = new() { ["signature"] = "c2ln", ["n"] = 1, ["stream"] = Stream.Null } }]),
        ]);
        var said = Content.Parser.ParseFrom((await SaidAsync(world, stream)).ToByteArray());

        await world.Route.CallAsync(Ask([Result], stream, model: ProviderWorld.Model, history: [User("q"), said]));

        var contents = world.Client.Asked.Messages[1].Contents;
        var thought = Assert.IsType<TextReasoningContent>(contents[0]);
        Assert.Equal(("I look.", "sealed"), (thought.Text, thought.ProtectedData));
        var call = Assert.IsType<FunctionCallContent>(contents[1]);
        Assert.Equal(("c2ln", "1"), ($"{call.AdditionalProperties!["signature"]}", $"{call.AdditionalProperties["n"]}"));
        Assert.Equal(2, contents.Count);
    }

    private static Content Result => new()
    {
        Role = "user",
        Parts = { new Part { FunctionResponse = new FunctionResponse { Id = "a", Name = "town" } } },
    };

    private static async Task<Content> SaidAsync(ProviderWorld world, bool stream) =>
        ResponseMerger.Merge(await world.Route.CallAsync(Ask("q", stream, model: ProviderWorld.Model))).Candidates.Single().Content;

    private static void AssertMessage(string expected, RecordedRequest request)
    {
        var message = request.Body.GetProperty("messages").EnumerateArray().Single(each => each.GetProperty("role").GetString() == "assistant").GetRawText();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(message)), message);
    }
}
