using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Providers;

/// <summary>What a model may say that can't be held as it is: characters cut in two, and JSON nested too deeply.</summary>
public sealed class UnreadableAnswerTests
{
    public static TheoryData<string, bool> Ways => ProviderWorld.Ways;

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task GenerateAsync_CharacterCutInTwo_IsPutTogether(string provider, bool stream)
    {
        await using var world = await ProviderWorld.StartAsync(provider);
        world.AnswerText(stream, "hi \\ud83d", "\\ude00", " and \\ud83c", "\\udf0d\\ud83d", "", "\\ude00!");

        var answer = await AnswerAsync(world, stream);

        Assert.Equal("hi 😀 and 🌍😀!", answer.TextOf());
        Assert.Equal("STOP", answer.Candidates.Single().FinishReason);
        Assert.Single(answer.Candidates[0].Content.Parts);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task GenerateAsync_HalfOfACharacter_IsReplaced(string provider, bool stream)
    {
        await using var world = await ProviderWorld.StartAsync(provider);
        world.AnswerText(stream, "\\ude00a\\ud83db", "c\\ude00\\ud83d", "d\\ud83d");

        var answer = await AnswerAsync(world, stream);

        Assert.Equal("\uFFFDa\uFFFDbc\uFFFD\uFFFDd\uFFFD", answer.TextOf());
        Assert.Equal(answer, GenerateContentResponse.Parser.ParseFrom(answer.ToByteArray()));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task GenerateAsync_HalfOfACharacterInArguments_IsReplaced(string provider, bool stream)
    {
        await using var world = await ProviderWorld.StartAsync(provider);
        world.AnswerCall(stream, """{"a":["x\ud83d","\ude00","\ud83d\ude00"]}""");

        var call = CallOf(await AnswerAsync(world, stream));

        Assert.Equal(["x\uFFFD", "\uFFFD", "😀"], call.Args.Fields["a"].ListValue.Values.Select(value => value.StringValue));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task GenerateAsync_ArgumentsAsDeepAsAllowed_AreGiven(string provider, bool stream)
    {
        await using var world = await ProviderWorld.StartAsync(provider);
        world.AnswerCall(stream, Nested(RestJson.MaxDepth));

        var answer = await AnswerAsync(world, stream);

        var again = TurnEvent.Parser.ParseFrom(new TurnEvent { Chunk = answer }.ToByteArray());
        Assert.Equal(Nested(RestJson.MaxDepth), JsonFormatter.Default.Format(CallOf(again.Chunk).Args).Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task GenerateAsync_ArgumentsTooDeep_AreOneErrorAndNoFaultOfTheTarget(string provider, bool stream)
    {
        await using var world = await ProviderWorld.StartAsync(provider, ("Models:Routes:0:CircuitBreaker:MinimumThroughput", "2"));
        for (var i = 0; i < 5; i++)
        {
            world.AnswerCall(stream, Nested(RestJson.MaxDepth + 1));
            if (!world.IsGoogles)
            {
                var candidate = (await AnswerAsync(world, stream)).Candidates.Single();
                Assert.Equal("MALFORMED_FUNCTION_CALL", candidate.FinishReason);
                continue;
            }

            var failure = await Assert.ThrowsAsync<ModelException>(() => AnswerAsync(world, stream));
            Assert.Equal((Code.Internal, ModelErrorReasons.MalformedResponse, false), (failure.Code, failure.Reason, failure.IsRetryable));
            Assert.Contains("nested more than 28 levels", failure.Message);
        }

        Assert.InRange(world.Requests.Count, 0, 5);
        Assert.Equal(0, world.Route.Targets[0].Breaker.State);
    }

    [Theory]
    [InlineData("gemini")]
    [InlineData("vertex")]
    [InlineData("openai")]
    public async Task GenerateAsync_AnswerThatIsNoJson_IsNotAskedForAgain(string provider)
    {
        await using var world = await ProviderWorld.StartAsync(provider, ("Models:Routes:0:CircuitBreaker:MinimumThroughput", "2"));
        string[] answers = ["{\"a\":\"a raw\ttab\"}", """{"a":01}""", $$"""{"a":{{Nested(100)}}}"""];
        foreach (var bad in answers)
        {
            world.Enqueue(ScriptedReply.Stream().Event(bad).Hang(), ScriptedReply.Json(bad));
            foreach (var stream in (bool[])[true, false])
            {
                var failure = await Assert.ThrowsAsync<ModelException>(() => AnswerAsync(world, stream));
                Assert.Equal((Code.Internal, ModelErrorReasons.MalformedResponse), (failure.Code, failure.Reason));
            }
        }

        Assert.Equal(2 * answers.Length, world.Requests.Count);
        Assert.Equal(0, world.Route.Targets[0].Breaker.State);
    }

    private static string Nested(int levels) => $"{string.Concat(Enumerable.Repeat("{\"a\":", levels))}1{new string('}', levels)}";

    private static FunctionCall CallOf(GenerateContentResponse response) =>
        Assert.Single(response.Candidates.Single().Content.Parts, part => part.FunctionCall is not null).FunctionCall;

    private static async Task<GenerateContentResponse> AnswerAsync(ProviderWorld world, bool stream) =>
        ResponseMerger.Merge(await world.Route.CallAsync(Ask("q", stream, model: ProviderWorld.Model)));
}
