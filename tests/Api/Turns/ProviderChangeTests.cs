using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>A chat that moves to a model of another maker, and back.</summary>
public sealed class ProviderChangeTests : IAsyncLifetime
{
    private ScriptedOpenAiServer _openAi = null!;
    private TestServer _server = null!;

    [Fact]
    public async Task UpdateChat_ModelOfAnotherProvider_HistoryGoesAlongWithoutWhatIsForeign()
    {
        var chat = await _server.NewChatAsync();
        chat.Answer(ScriptedReply.Json($$"""
            {"candidates":[{"content":{{Notation.ToJson("m[~hm|first^c2ln]")}},"finishReason":"STOP"}]}
            """));
        await chat.SendAsync("one");

        await UseAsync(chat, "gpt-scripted");
        _openAi.Enqueue(OpenAiReply.Text("second"));
        var second = await chat.SendAsync("two");

        Assert.True(second.Turn.Curated);
        var messages = _openAi.Requests[^1].Body.GetProperty("messages").EnumerateArray();
        Assert.Equal(
            [("user", "one"), ("assistant", "first"), ("user", "two")],
            messages.Select(m => (m.GetProperty("role").GetString()!, m.GetProperty("content").GetString()!)));
        Assert.DoesNotContain("c2ln", _openAi.Requests[^1].Body.GetRawText(), StringComparison.Ordinal);

        await UseAsync(chat, chat.Model);
        chat.Answer(ScriptedReply.Text("third"));
        await chat.SendAsync("three");

        // What the other provider was not sent had stayed.
        string[] before = ["u[one]", "m[~hm|first^c2ln]", "u[two]", "m[second]", "u[three]"];
        Assert.Equal(before, Notation.OfContents(chat.Requests[^1].Body));
        var curated = await chat.HistoryAsync(curated: true);
        Assert.Equal([.. before, "m[third]"], curated);
    }

    [Fact]
    public async Task UpdateChat_WhileAFunctionCallIsOpen_TheOtherProviderGetsTheExchange()
    {
        var chat = await _server.NewChatAsync();
        chat.Answer(ScriptedReply.Json($$"""
            {"candidates":[{"content":{{Notation.ToJson("m[call:f#a1]")}},"finishReason":"STOP"}]}
            """));
        var asked = await chat.SendAsync("one");
        Assert.False(asked.Turn.Curated);

        await UseAsync(chat, "gpt-scripted");
        _openAi.Enqueue(OpenAiReply.Text("done"));
        var reply = new SendMessageRequest { Name = chat.Name, Message = Notation.Parse("u[reply:f#a1]") };
        var answered = await _server.Client.SendMessageAsync(reply);

        Assert.True(answered.Turn.Curated);
        var messages = _openAi.Requests[^1].Body.GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal(["user", "assistant", "tool"], messages.Select(m => m.GetProperty("role").GetString()!));
        Assert.Equal("a1", messages[1].GetProperty("tool_calls")[0].GetProperty("id").GetString());
        Assert.Equal("a1", messages[2].GetProperty("tool_call_id").GetString());
        Assert.True((await chat.GetTurnAsync(asked.Turn.TurnId)).Curated);
    }

    public async Task InitializeAsync()
    {
        _openAi = await ScriptedOpenAiServer.StartAsync();
        _server = await TestServer.StartAsync(
            "--Models:Routes:3:Name=gpt-*", "--Models:Routes:3:Provider=openai", $"--Models:Routes:3:BaseUrl={_openAi.ApiUrl}", "--Models:Routes:3:Key=key");
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _openAi.DisposeAsync();
    }

    private async Task UseAsync(TestChat chat, string model) => await _server.Client.UpdateChatAsync(new UpdateChatRequest
    {
        Chat = new Chat { Name = chat.Name, Model = model },
        UpdateMask = new FieldMask { Paths = { "model" } },
    });
}
