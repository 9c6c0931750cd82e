using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Terminal;

/// <summary>The console in a terminal.</summary>
public sealed class ConsoleTests
{
    [Fact]
    public async Task Conversation_InATerminal_ShowsMessagesAndResponses()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);
        await using var terminal = await TmuxTerminal.StartAsync(
            "env", $"Configuration={Repository.Configuration}", Repository.PathTo("chat"), "--address", server.Address, "--chat", "demo");
        var export = Path.Combine(directory.Path, "demo.md");

        await TypeAsync(terminal, "Hello there!", "Hello there!\nyou>");
        await TypeAsync(terminal, "/system Be brief.", "System instruction: Be brief.");
        await TypeAsync(terminal, "two \\", "you> two \\\nyou>");
        await TypeAsync(terminal, "lines", "two\nlines\nyou>");
        await TypeAsync(terminal, "/export " + export, "Exported 4 contents to");
        await TypeAsync(terminal, "/nonsense", "Unknown command /nonsense.");
        await TypeAsync(terminal, "/retry", "you> /retry\ntwo\nlines");
        await TypeAsync(terminal, "/open missing", "Chat 'chats/missing' not found. (CHAT_NOT_FOUND)");
        await TypeAsync(terminal, "/history curated", "user> two\nlines\nmodel> two\nlines\nyou>");
        var screen = await terminal.ScreenAsync(s => s.EndsWith("you>", StringComparison.Ordinal));

        Assert.Equal(
            $"""
            {server.Address}, model echo. /help lists the commands.
            you> Hello there!
            Hello there!
            you> /system Be brief.
            System instruction: Be brief.
            you> two \
            you> lines
            two
            lines
            you> /export {export}
            Exported 4 contents to {export}.
            you> /nonsense
            Unknown command /nonsense. /help lists the commands.
            you> /retry
            two
            lines
            you> /open missing
            Chat 'chats/missing' not found. (CHAT_NOT_FOUND)
            you> /history curated
            user> Hello there!
            model> Hello there!
            user> two
            lines
            model> two
            lines
            you>
            """,

            // Where something has changed since, the script has built first, and said so.
            screen[screen.IndexOf(server.Address, StringComparison.Ordinal)..]);
        Assert.StartsWith("## user\n\nHello there!\n\n## model\n\nHello there!\n", await File.ReadAllTextAsync(export), StringComparison.Ordinal);
        await terminal.TypeAsync("/quit");
        Assert.Equal("0", await terminal.ExitAsync());
        var chat = await server.Client.GetChatAsync(new GetChatRequest { Name = "chats/demo" });
        Assert.Equal((2, "Be brief."), (chat.TurnCount, chat.Config.SystemInstruction.Parts[0].Text));
    }

    [Fact]
    public async Task Commands_OfChats_ListOpenAndCreateThem()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);
        await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model, ChatId = "first", DisplayName = "The first" });
        await using var terminal = await StartAsync(server);

        await TypeAsync(terminal, "/open first", "Chat first, model echo.");
        await TypeAsync(terminal, "/new second", "The next message creates a new chat.");
        await TypeAsync(terminal, "Hi.", "Hi.\nyou>");
        var screen = await TypeAsync(terminal, "/list", "first (The first)");
        await TypeAsync(terminal, "/model other", "Model 'other' is not available on this server. (UNKNOWN_MODEL)");
        await TypeAsync(terminal, "/help", "/export FILE");

        var rows = screen.Split('\n').Where(line => line.Contains(" echo ", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ')[0]);
        Assert.Equal(["second", "first"], rows);
    }

    [Fact]
    public async Task ControlC_DuringATurn_CancelsOnlyTheTurn()
    {
        var server = await ServerProcess.SharedAsync();
        var slow = new GenerateContentConfig { Labels = { ["echo-delay-ms"] = "300", ["echo-repeat"] = "1000" } };
        await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model, ChatId = "interrupted", Config = slow });
        await using var terminal = await StartAsync(server, "--chat", "interrupted");

        await TypeAsync(terminal, "tick tock ", "tick tock tick");
        await terminal.PressAsync("C-c");
        await terminal.ScreenAsync(s => s.EndsWith("Canceled.\nyou>", StringComparison.Ordinal));
        var chat = await server.Client.GetChatAsync(new GetChatRequest { Name = "chats/interrupted" });
        await TypeAsync(terminal, "/cancel", "No turn is running.");
        await terminal.PressAsync("C-c");
        await terminal.ScreenAsync(s => s.EndsWith("Press Ctrl+C again to exit.\nyou>", StringComparison.Ordinal));
        await terminal.PressAsync("C-c");

        Assert.Equal("0", await terminal.ExitAsync());
        Assert.Empty(chat.ActiveTurnId);
    }

    [Fact]
    public async Task Turn_ServerKilled_PrintsTheNewResponse()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database, [.. Crash.Times.Hasty]);
        var slow = new GenerateContentConfig { Labels = { ["echo-delay-ms"] = "200" } };
        await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model, ChatId = "slow", Config = slow });
        await using var terminal = await StartAsync(server, "--chat", "slow");
        await TypeAsync(terminal, Echo.Text, "eight\none two three");

        await server.KillAsync();
        await using var again = await ServerProcess.StartAsync(
            directory.Database, [.. Crash.Times.Hasty, $"--Api:GrpcPort={server.Address.Split(':')[1]}"]);

        var screen = await terminal.ScreenAsync(s => s.EndsWith("eight\nyou>", StringComparison.Ordinal));
        Assert.Equal(["Connection to the server was lost; restarting the response.", Echo.Text.Trim()], screen.Split('\n')[^3..^1]);
    }

    internal static Task<TmuxTerminal> StartAsync(ServerProcess server, params string[] arguments) =>
        TmuxTerminal.StartAsync(["dotnet", Repository.ConsoleAssembly, "--address", server.Address, .. arguments]);

    internal static async Task<string> TypeAsync(TmuxTerminal terminal, string line, string expected)
    {
        await terminal.ScreenAsync(s => s.EndsWith("you>", StringComparison.Ordinal));
        await terminal.TypeAsync(line);
        return await terminal.ScreenAsync(s => s.Contains(expected, StringComparison.Ordinal));
    }
}
