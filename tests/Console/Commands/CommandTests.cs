using GenAI.Chats.Console.Tests.Support;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Console.Tests.Commands;

/// <summary>The commands of the interactive chat.</summary>
public sealed class CommandTests : ConsoleTest, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("console");

    private static IReadOnlyList<Content> Conversation { get; } =
    [
        new Content { Role = "user", Parts = { Events.Text("Hello") } },
        new Content { Role = "model", Parts = { new Part { Text = "hm", Thought = true }, Events.Text("Hi!") } },
    ];

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Help_ListsAllCommands()
    {
        var output = await TypeAsync("/help");

        var listed = output.Split('\n').Select(line => line.Replace("you> ", "", StringComparison.Ordinal).Trim().Split(' ')[0]).Where(word => word.StartsWith('/'));
        Assert.Equal(
            [
                "/new", "/open", "/list", "/history", "/model", "/system", "/cancel", "/retry", "/edit", "/rewind", "/branches", "/fork", "/watch", "/export", "/help",
                "/quit",
            ],
            listed);
    }

    [Theory]
    [InlineData("/nonsense [red]", "Unknown command /nonsense. /help lists the commands.")]
    [InlineData("/open", "Usage: /open ID")]
    [InlineData("/export", "Usage: /export FILE")]
    [InlineData("/history all", "Usage: /history [curated]")]
    [InlineData("/open missing", "Chat 'chats/missing' not found. (CHAT_NOT_FOUND)")]
    [InlineData("/cancel", "No turn is running.")]
    [InlineData("/new", "The next message creates a new chat.")]
    [InlineData("/model", "Model echo.")]
    [InlineData("/model other", "Model other.")]
    [InlineData("/system", "No system instruction.")]
    [InlineData("/system Be [brief].", "System instruction: Be [brief].")]
    public async Task Type_Command_PrintsItsResult(string line, string result) => Assert.Equal($"you> {result}\nyou> \n", await TypeAsync(line));

    [Theory]
    [InlineData("/quit")]
    [InlineData("/exit")]
    public async Task Quit_EndsTheProgram(string line)
    {
        Assert.Equal("you> ", await TypeAsync(line, "Hello?"));
        Assert.Empty(Service.Sent);
    }

    [Fact]
    public async Task New_WithAnId_NextMessageCreatesTheChat()
    {
        await TypeAsync("one", "/new second", "two");

        Assert.Equal(["chats/new", "chats/second"], Service.Sent.Select(sent => sent.Name));
    }

    [Fact]
    public async Task Open_Chat_UsesItsSettings()
    {
        var config = new GenerateContentConfig { SystemInstruction = new Content { Parts = { Events.Text("Be kind.") } } };
        Service.Chats["chats/demo"] = new V1.Chat { Name = "chats/demo", Model = "gemini", Config = config };

        Assert.Equal("you> Chat demo, model gemini.\nyou> System instruction: Be kind.\nyou> \n", await TypeAsync("/open demo", "/system"));
    }

    [Fact]
    public async Task List_Chats_AreShownWithTheirSettings()
    {
        Service.Chats["chats/a"] = new V1.Chat { Name = "chats/a", Model = "echo", DisplayName = "The \efirst", TurnCount = 7, UpdateTime = new Timestamp() };
        Service.Chats["chats/b"] = new V1.Chat { Name = "chats/b", Model = "gemini" };

        var output = await TypeAsync("/list");

        var rows = output.Split('\n').Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.Contains(rows, row => row is ["a (The \uFFFDfirst)", "echo", "7", ['1', '9', ..]]);
        Assert.Contains(rows, row => row is ["b", "gemini", "0"]);
    }

    [Fact]
    public async Task ModelAndSystem_ExistingChat_AreChanged()
    {
        var config = new GenerateContentConfig { Temperature = 0.5 };
        Service.Chats["chats/demo"] = new V1.Chat { Name = "chats/demo", Model = "echo", Config = config };

        await TypeAsync(["--chat", "demo"], ["/model gemini", "/system Be brief."]);

        var chat = Service.Chats["chats/demo"];
        Assert.Equal(("gemini", 0.5, "Be brief."), (chat.Model, chat.Config.Temperature, chat.Config.SystemInstruction.Parts[0].Text));
    }

    [Fact]
    public async Task System_Off_RemovesIt()
    {
        var output = await TypeAsync(["--chat", "demo", "--system", "Be brief."], ["hi", "/system off"]);

        Assert.Equal("you> hi\nyou> No system instruction.\nyou> \n", output);
        Assert.Null(Service.Chats["chats/demo"].Config.SystemInstruction);
    }

    [Theory]
    [InlineData("/history", false)]
    [InlineData("/history curated", true)]
    public async Task History_IsShownWithRoles(string line, bool isCurated)
    {
        Service.Chats["chats/demo"] = new V1.Chat { Name = "chats/demo" };
        Service.History = Conversation;

        Assert.Equal("you> user> Hello\nmodel> Hi!\nyou> \n", await TypeAsync(["--chat", "demo"], [line]));
        Assert.Equal(isCurated, Service.HistoryRequest!.Curated);
    }

    [Fact]
    public async Task Cancel_TurnRuns_CancelsIt()
    {
        Service.Chats["chats/demo"] = new V1.Chat { Name = "chats/demo", ActiveTurnId = "turn-9" };

        Assert.Equal("you> The turn is cancelled.\nyou> \n", await TypeAsync(["--chat", "demo"], ["/cancel"]));
        Assert.Equal("turn-9", Service.Canceled!.TurnId);
    }

    [Fact]
    public async Task Export_Markdown_HasTheContents()
    {
        Assert.Equal("## user\n\nHello\n\n## model\n\nHi!\n\n", await ExportAsync("chat.md"));
    }

    [Fact]
    public async Task Export_Json_IsTheHistory()
    {
        Assert.Equal(new GetHistoryResponse { History = { Conversation } }, JsonParser.Default.Parse<GetHistoryResponse>(await ExportAsync("chat.json")));
    }

    [Fact]
    public async Task Export_FolderIsMissing_PrintsTheCauseAndContinues()
    {
        var output = await TypeAsync($"/export {Path.Combine(_directory.FullName, "missing", "chat.md")}", "/model");

        Assert.StartsWith("you> Could not find a part of the path", output, StringComparison.Ordinal);
        Assert.EndsWith("you> Model echo.\nyou> \n", output, StringComparison.Ordinal);
    }

    private async Task<string> ExportAsync(string name)
    {
        Service.Chats["chats/demo"] = new V1.Chat { Name = "chats/demo" };
        Service.History = Conversation;
        var file = Path.Combine(_directory.FullName, name);

        Assert.Equal($"you> Exported 2 contents to {file}.\nyou> \n", await TypeAsync(["--chat", "demo"], [$"/export {file}"]));
        return await File.ReadAllTextAsync(file);
    }
}
