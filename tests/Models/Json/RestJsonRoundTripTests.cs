using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Models.Tests.Json;

public sealed class RestJsonRoundTripTests
{
    private const int Rounds = 400;

    [Fact]
    public void ReadAndWrite_AnyResponse_ComesBackAsItWas() => Check<GenerateContentResponse>(Random.Shared.Next());

    [Fact]
    public void ReadAndWrite_AnyContent_ComesBackAsItWas() => Check<Content>(Random.Shared.Next());

    [Fact]
    public void ReadAndWrite_AnyTool_ComesBackAsItWas() => Check<Tool>(Random.Shared.Next());

    private static void Check<T>(int seed)
        where T : IMessage<T>, new()
    {
        var random = new Random(seed);
        var template = new T();
        for (var round = 0; round < Rounds; round++)
        {
            var (json, expected) = new RandomRestJson(random).Message(template.Descriptor);

            var message = RestJson.Read<T>(Encoding.UTF8.GetBytes(json.ToJsonString()));
            var stored = new T();
            stored.MergeFrom(message.ToByteArray());
            var actual = Encoding.UTF8.GetString(RestJson.Write(stored));

            Assert.True(
                JsonNode.DeepEquals(expected, JsonNode.Parse(actual)),
                $"Seed {seed}, round {round}:\n{json.ToJsonString()}\ncame back as\n{actual}");
        }
    }
}
