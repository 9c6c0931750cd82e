using System.ComponentModel;
using System.Text.Json.Nodes;
using GenAI.Chats.Client;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.ScriptedGemini;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.SystemTests.ClientLibrary;

/// <summary>An application of Microsoft.Extensions.AI with chats in the service and functions in the application.</summary>
public sealed class ChatClientTests
{
    [Theory]
    [LongInlineData(false)]
    [InlineData(true)]
    public async Task UseFunctionInvocation_ModelCallsFunctions_InvokesThemAndReturnsTheResponse(bool streaming)
    {
        await using var gemini = await ScriptedGeminiServer.StartAsync();
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(
            directory.Database,
            "--Models:Routes:0:Name=gemini-*",
            "--Models:Routes:0:Provider=gemini",
            "--Models:Routes:0:Key=key",
            $"--Models:Routes:0:BaseUrl={gemini.BaseUrl}");
        gemini.Enqueue(
            Asks(streaming, GeminiJson.FunctionCall("weather", new JsonObject { ["city"] = "Oslo" }, "c1", "c2lnbmVk"), GeminiJson.FunctionCall("weather", new JsonObject { ["city"] = "Rome" }, "c2")),
            Says(streaming, "Oslo is cold, Rome is warm."),
            Says(streaming, "You are welcome."));
        using var chats = new ChatsClient($"http://{server.Address}");
        var client = chats.AsIChatClient("gemini-x").AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(Weather, "weather")] };

        var first = await AskAsync(client, streaming, [new(ChatRole.System, "Be kind."), new(ChatRole.User, "Oslo and Rome?")], options);
        options.ConversationId = first.ConversationId;
        var second = await AskAsync(client, streaming, [new(ChatRole.User, "Thanks!")], options);

        Assert.Equal("Oslo is cold, Rome is warm.", first.Messages[^1].Text);
        Assert.Equal("You are welcome.", second.Text);
        Assert.Equal(first.ConversationId, second.ConversationId);
        Assert.Equal(ChatFinishReason.Stop, first.FinishReason);
        Assert.Equal((2L, 2L), (first.Usage!.InputTokenCount, first.Usage.OutputTokenCount));
        Assert.Equal([2, 2], first.Messages.Take(2).Select(m => m.Contents.Count(c => c is FunctionCallContent or FunctionResultContent)));

        // The last request has all contents, and those of the model are unchanged.
        var contents = gemini.Requests[^1].Body.GetProperty("contents").EnumerateArray().ToList();
        Assert.Equal(["user", "model", "user", "model", "user"], contents.Select(c => c.GetProperty("role").GetString()));
        Assert.Equal("c2lnbmVk", contents[1].GetProperty("parts")[0].GetProperty("thoughtSignature").GetString());
        var responses = contents[2].GetProperty("parts").EnumerateArray().Select(p => p.GetProperty("functionResponse")).ToList();
        Assert.Equal(["c1", "c2"], responses.Select(r => r.GetProperty("id").GetString()));
        Assert.Equal(["cold", "warm"], responses.Select(r => r.GetProperty("response").GetProperty("output").GetString()));
        Assert.Equal("Be kind.", gemini.Requests[^1].Body.GetProperty("systemInstruction").GetProperty("parts")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task GetStreamingResponse_AnotherProgram_ContinuesTheConversation()
    {
        var server = await ServerProcess.SharedAsync();
        string? conversation;
        using (var chats = new ChatsClient($"http://{server.Address}"))
        {
            conversation = (await chats.AsIChatClient(Echo.Model).GetResponseAsync("Hello there!")).ConversationId;
        }

        using var others = new ChatsClient($"http://{server.Address}");
        var updates = await others.AsIChatClient(Echo.Model)
            .GetStreamingResponseAsync("One two.", new ChatOptions { ConversationId = conversation }).ToListAsync();

        Assert.Equal(["One ", "two.", ""], updates.Select(u => u.Text));
        Assert.Equal(2, updates.ToChatResponse().Usage!.OutputTokenCount);
        Assert.Equal(4, (await others.Open(conversation!).GetHistoryAsync()).Count);
    }

    [Description("The weather of a city.")]
    private static string Weather(string city) => city == "Oslo" ? "cold" : "warm";

    private static async Task<ChatResponse> AskAsync(IChatClient client, bool streaming, IList<ChatMessage> messages, ChatOptions options) => streaming
        ? await client.GetStreamingResponseAsync(messages, options).ToChatResponseAsync()
        : await client.GetResponseAsync(messages, options);

    private static ScriptedReply Asks(bool streaming, params JsonNode[] parts)
    {
        // Parallel calls have one chunk each.
        if (!streaming)
        {
            return ScriptedReply.Json(GeminiJson.Response(parts, "STOP", (1, 1)));
        }

        var reply = ScriptedReply.Stream();
        foreach (var part in parts)
        {
            reply.Event(GeminiJson.Response([part], part == parts[^1] ? "STOP" : null, (1, 1)));
        }

        return reply;
    }

    private static ScriptedReply Says(bool streaming, string text)
    {
        var json = GeminiJson.Text(text, "STOP", (1, 1));
        return streaming ? ScriptedReply.Stream().Event(json) : ScriptedReply.Json(json);
    }
}
