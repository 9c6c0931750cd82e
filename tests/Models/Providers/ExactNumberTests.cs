using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;
using Google.Protobuf;
using Microsoft.Extensions.AI;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Providers;

/// <summary>Numbers that no double has come through as they were: to the client, into a stored content, and back to the model.</summary>
public sealed class ExactNumberTests
{
    private const string Arguments = """{"id":1234567890123456789,"n":10000000000000001,"list":[{"x":1e400},1.0],"s":"a"}""";

    public static TheoryData<string, bool> Ways => ProviderWorld.Ways;

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task GenerateAsync_Call_GoesBackWithItsNumbers(string provider, bool stream)
    {
        await using var world = await ProviderWorld.StartAsync(provider);
        world.AnswerCall(stream, Arguments);
        var said = ResponseMerger.Merge(await world.Route.CallAsync(Ask("q", stream, model: ProviderWorld.Model))).Candidates.Single().Content;
        var stored = Content.Parser.ParseFrom(said.ToByteArray());
        var answer = new Content
        {
            Role = "user",
            Parts =
            {
                new Part
                {
                    FunctionResponse = new FunctionResponse { Id = "c1", Name = "f", ResponseJson = new ExactJson { Members = { ["output"] = "18446744073709551616" } } },
                },
            },
        };
        world.AnswerText(stream, "k");

        await world.Route.CallAsync(Ask([answer], stream, model: ProviderWorld.Model, history: [User("q"), stored]));

        var call = stored.Parts.Single().FunctionCall;
        Assert.Equal(["id", "list", "n"], call.ArgsJson.Members.Keys.Order());
        Assert.Equal(Arguments, RestJson.Write(call.Args, call.ArgsJson));
        if (provider == "client")
        {
            var contents = world.Client.Asked.Messages.SelectMany(message => message.Contents).ToList();
            Assert.Equal("1234567890123456789", $"{contents.OfType<FunctionCallContent>().Single().Arguments!["id"]}");
            Assert.Equal("""{"output":18446744073709551616}""", $"{contents.OfType<FunctionResultContent>().Single().Result}");
            return;
        }

        var request = world.Requests[^1].Body.GetRawText().Replace("\\\"", "\"", StringComparison.Ordinal);
        Assert.Contains(Arguments, request, StringComparison.Ordinal);
        Assert.Contains("""{"output":18446744073709551616}""", request, StringComparison.Ordinal);
    }
}
