using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Microsoft.Extensions.AI;
using Xunit.Abstractions;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Providers;

/// <summary>A stream is the same answer as the unary call's, or one documented error; and no tenant's answer opens the circuit breaker.</summary>
public sealed class GeneratedStreamTests(ITestOutputHelper output)
{
    private static readonly int Streams = Environment.GetEnvironmentVariable("CHATS_TEST_LONG") == "1" ? 10_000 : 300;

    private static readonly string[] DocumentedErrors = [ModelErrorReasons.Unavailable, ModelErrorReasons.MalformedResponse];

    [Theory]
    [InlineData("gemini")]
    [InlineData("vertex")]
    [InlineData("openai")]
    [InlineData("client")]
    public async Task GenerateAsync_GeneratedStream_IsTheUnaryAnswer(string provider)
    {
        await using var world = await ProviderWorld.StartAsync(provider, ("Models:Routes:0:CircuitBreaker:MinimumThroughput", "2"));
        var spoiled = 0;
        for (var i = 0; i < Streams; i++)
        {
            var seed = Random.Shared.Next();
            var answer = new GeneratedAnswer(seed);
            var whole = await UnaryAsync(world, answer);
            var streamed = await StreamAsync(world, answer, new Random(seed));
            if (answer.IsSpoiled)
            {
                // Most often it is no JSON object any more.
                spoiled += streamed.Candidates.Single().FinishReason == "MALFORMED_FUNCTION_CALL" ? 1 : 0;
                continue;
            }

            Assert.True(JsonNode.DeepEquals(Plain(whole), Plain(streamed)), $"Seed {seed}:\n{Plain(whole)}\ncame as\n{Plain(streamed)}");
        }

        output.WriteLine($"{spoiled} of {Streams} had a piece of arguments twice, and were told so");
        Assert.Equal(0, world.Route.Targets[0].Breaker.State);
    }

    [Theory]
    [InlineData("gemini")]
    [InlineData("openai")]
    public async Task GenerateAsync_StreamCutAtEveryByte_IsTheAnswerOrOneError(string provider)
    {
        await using var world = await ProviderWorld.StartAsync(provider, ("Models:Routes:0:Retry:MaxAttempts", "1"));
        var seed = Enumerable.Range(0, 1000).First(seed => Bytes(world, new GeneratedAnswer(seed)).Length is > 900 and < 1200);
        var expected = Plain(await UnaryAsync(world, new GeneratedAnswer(seed)));
        var bytes = Bytes(world, new GeneratedAnswer(seed));
        for (var i = 0; i <= bytes.Length; i++)
        {
            // In two reads, then without the second one.
            world.Enqueue(ScriptedReply.Stream().Write(bytes[..i]).Write(bytes[i..]), ScriptedReply.Stream().Write(bytes[..i]));
            Assert.True(JsonNode.DeepEquals(expected, Plain(ResponseMerger.Merge(await world.Route.CallAsync(Request)))), $"cut at {i}");
            try
            {
                await world.Route.CallAsync(Request);
            }
            catch (ModelException failure)
            {
                Assert.Contains(failure.Reason, DocumentedErrors);
            }
        }

        Assert.Equal(0, world.Route.Targets[0].Breaker.State);
    }

    private static ModelRequest Request => Ask("q", model: ProviderWorld.Model);

    private static byte[] Bytes(ProviderWorld world, GeneratedAnswer answer) => world.IsGoogles ? answer.Responses() : answer.Chunks();

    private static async Task<GenerateContentResponse> UnaryAsync(ProviderWorld world, GeneratedAnswer answer)
    {
        if (world.Provider == "client")
        {
            world.Client.Updates.Clear();
            world.Client.Updates.Add(new ChatResponseUpdate(ChatRole.Assistant, answer.Contents()));
        }
        else
        {
            world.Enqueue(ScriptedReply.Json(world.IsGoogles ? answer.Response() : answer.Completion()));
        }

        return Assert.Single(await world.Route.CallAsync(Request with { Stream = false }));
    }

    private static async Task<GenerateContentResponse> StreamAsync(ProviderWorld world, GeneratedAnswer answer, Random random)
    {
        if (world.Provider == "client")
        {
            world.Client.Updates.Clear();
            world.Client.Updates.AddRange(answer.Updates());
        }
        else
        {
            var bytes = Bytes(world, answer);
            var cut = random.Next(bytes.Length);
            world.Enqueue(ScriptedReply.Stream().Write(bytes[..cut]).Write(bytes[cut..]));
        }

        return ResponseMerger.Merge(await world.Route.CallAsync(Request));
    }

    // What is kept for the provider is JSON in a string: the order of its members doesn't count.
    private static JsonNode Plain(GenerateContentResponse response)
    {
        var json = JsonNode.Parse(Encoding.UTF8.GetString(RestJson.Write(response)))!;
        foreach (var candidate in json["candidates"]!.AsArray())
        {
            var content = candidate!["content"];
            foreach (var owner in (content?["parts"]?.AsArray() ?? []).Append(content))
            {
                if (owner?["provider_members"]?["json"] is JsonValue text)
                {
                    owner["provider_members"]!["json"] = JsonNode.Parse(text.GetValue<string>());
                }
            }
        }

        return json;
    }
}
