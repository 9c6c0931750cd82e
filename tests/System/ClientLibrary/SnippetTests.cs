using System.Globalization;
using System.Text;
using GenAI.Chats.Client;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;
using Chat = GenAI.Chats.Client.Chat;

namespace GenAI.Chats.SystemTests.ClientLibrary;

/// <summary>The chat examples of the Google Gen AI SDK for Python, line by line in C#.</summary>
public sealed class SnippetTests
{
    private const string Printed = """
        I have 2 dogs.
        Tell me a story.
        user: I have 2 dogs.
        model: I have 2 dogs.
        user: Tell me a story.
        model: Tell me a story.

        """;

    [Fact]
    public async Task Synchronous_Conversation_IsAsInTheSdk()
    {
        var server = await ServerProcess.SharedAsync();

        Assert.Equal(Printed, Talk($"http://{server.Address}"));
    }

    [Fact]
    public async Task Asynchronous_Conversation_IsAsInTheSdk()
    {
        var server = await ServerProcess.SharedAsync();

        Assert.Equal(Printed, await TalkAwaitingAsync($"http://{server.Address}"));
    }

    [Fact]
    public async Task Create_WithConfigAndHistory_UsesThem()
    {
        var server = await ServerProcess.SharedAsync();

        UseEverything($"http://{server.Address}");
    }

    [Fact]
    public async Task SendMessageStream_CanceledWithItsTurn_CancelsTheTurn()
    {
        var server = await ServerProcess.SharedAsync();
        using var client = new ChatsClient($"http://{server.Address}");
        var chat = await client.CreateAsync(Echo.Model, new GenerateContentConfig { Labels = { ["echo-delay-ms"] = "200" } });
        string? turnId = null;

        await foreach (var chunk in chat.SendMessageStreamAsync(Echo.Text, new SendOptions { CancelTurn = true }))
        {
            turnId = chunk.TurnId;
            break;
        }

        Assert.Equal(Turn.Types.State.Cancelled, (await chat.GetTurnAsync(turnId!)).State);
        Assert.Empty(await chat.GetHistoryAsync(curated: true));
    }

    private static string Talk(string address)
    {
        var printed = new StringBuilder();

        using var client = new ChatsClient(address);
        Chat chat = client.Create(model: Echo.Model);
        var response = chat.SendMessage("I have 2 dogs.");
        printed.AppendLine(response.Text);
        foreach (var chunk in chat.SendMessageStream("Tell me a story."))
        {
            printed.Append(chunk.Text);
        }

        printed.AppendLine();
        foreach (Content message in chat.GetHistory())
        {
            printed.AppendLine(CultureInfo.InvariantCulture, $"{message.Role}: {message.Parts[0].Text}");
        }

        return printed.ToString();
    }

    private static async Task<string> TalkAwaitingAsync(string address)
    {
        var printed = new StringBuilder();

        using var client = new ChatsClient(address);
        Chat chat = await client.CreateAsync(model: Echo.Model);
        var response = await chat.SendMessageAsync("I have 2 dogs.");
        printed.AppendLine(response.Text);
        await foreach (var chunk in chat.SendMessageStreamAsync("Tell me a story."))
        {
            printed.Append(chunk.Text);
        }

        printed.AppendLine();
        foreach (Content message in await chat.GetHistoryAsync())
        {
            printed.AppendLine(CultureInfo.InvariantCulture, $"{message.Role}: {message.Parts[0].Text}");
        }

        return printed.ToString();
    }

    private static void UseEverything(string address)
    {
        using var client = new ChatsClient(address);
        var chat = client.Create(
            Echo.Model,
            new GenerateContentConfig { Labels = { ["echo-repeat"] = "2" } },
            [User("Hi."), Model("Hello."), User("Lost?"), new Content { Role = "model" }],
            new CreateOptions { ChatId = "mine", DisplayName = "Mine", Labels = new Dictionary<string, string> { ["kind"] = "test" } });

        Assert.Equal("Again. Again. ", chat.SendMessage(new Part { Text = "Again. " }).Text);
        Assert.Equal("Once.", chat.SendMessage([new Part { Text = "On" }, new Part { Text = "ce." }], new GenerateContentConfig { Temperature = 0 }).Text);
        Assert.Equal("Listed.Listed.", chat.SendMessage(new List<Part> { new() { Text = "Listed." } }).Text);
        Assert.Equal("Said.Said.", chat.SendMessage(User("Said.")).Text);
        Assert.Equal(12, chat.GetHistory().Count);
        Assert.Equal(10, chat.GetHistory(curated: true).Count);

        chat.RecordHistory("Elsewhere?", [Model("Here.")]);
        var again = client.Open("mine");
        Assert.Equal("Here.", again.GetHistory(curated: true)[^1].Parts[0].Text);
        Assert.Equal("Yours", again.Update(new ChatUpdate { DisplayName = "Yours" }).DisplayName);
        Assert.Equal("chats/mine", Assert.Single(client.List("labels.kind = \"test\"")).Name);
        Assert.Empty(client.List("labels.kind = \"other\""));
        again.Delete();
        Assert.Equal("CHAT_NOT_FOUND", Assert.Throws<ChatException>(() => chat.Get()).Reason);
        again.Delete(allowMissing: true);
    }

    private static Content User(string text) => new() { Role = "user", Parts = { new Part { Text = text } } };

    private static Content Model(string text) => new() { Role = "model", Parts = { new Part { Text = text } } };
}
