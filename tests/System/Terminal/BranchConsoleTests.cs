using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;
using static GenAI.Chats.SystemTests.Terminal.ConsoleTests;

namespace GenAI.Chats.SystemTests.Terminal;

/// <summary>Edits, branches, forks, and watches in the console.</summary>
public sealed class BranchConsoleTests
{
    [Fact]
    public async Task Commands_OfBranches_ChangeTheHistory()
    {
        var server = await ServerProcess.SharedAsync();
        await using var terminal = await StartAsync(server, "--chat", "branches");

        await TypeAsync(terminal, "/rewind", "The chat has no turns.");
        await TypeAsync(terminal, "one", "you> one\none\nyou>");
        await TypeAsync(terminal, "two", "you> two\ntwo\nyou>");
        await TypeAsync(terminal, "/edit 2 deux", "you> /edit 2 deux\ndeux\nyou>");
        await TypeAsync(terminal, "/edit 1", "one\nThe next message replaces this one.\nyou>");
        await TypeAsync(terminal, "uno", "you> uno\nuno\nyou>");
        await TypeAsync(terminal, "/retry", "you> /retry\nuno\nyou>");
        await TypeAsync(terminal, "/rewind 3", "Rewound to turn 3. To undo: /rewind 5");
        var screen = await TypeAsync(terminal, "/branches", "*: in the history. To go to a turn: /rewind N");
        await TypeAsync(terminal, "/edit 9 x", "The chat has no turn with revision 9. (REVISION_NOT_FOUND)");
        await TypeAsync(terminal, "/rewind", "Rewound to turn 1. To undo: /rewind 3");
        await TypeAsync(terminal, "/fork branches-copy", "Chat branches-copy, a fork of branches.");
        await TypeAsync(terminal, "three", "you> three\nthree\nyou>");
        await TypeAsync(terminal, "/history", "user> one\nmodel> one\nuser> three\nmodel> three\nyou>");

        var rows = screen.Split('\n').Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(row => row is not ["you>", ..] and [_, _, _, .., "one" or "two" or "deux" or "uno"]);
        Assert.Equal(
            ["* 1 the start one one", "2 1 two two", "* 3 1 deux deux", "4 the start uno uno", "5 the start uno uno"], rows.Select(row => string.Join(' ', row)));
        var chat = await server.Client.GetHistoryAsync(new GetHistoryRequest { Name = "chats/branches" });
        Assert.Equal(["one", "one"], chat.History.Select(content => content.Parts[0].Text));
    }

    [Fact]
    public async Task Watch_OtherClientsChangeTheChat_ShowsIt()
    {
        var server = await ServerProcess.SharedAsync();
        await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model, ChatId = "watched" });
        await using var terminal = await StartAsync(server, "--chat", "watched");

        await TypeAsync(terminal, "/watch", "Watching watched. To stop, press Ctrl+C.");
        await server.Client.SendMessageAsync(new SendMessageRequest { Name = "chats/watched", Text = "one two" });
        await terminal.ScreenAsync(s => s.EndsWith("user> one two\nmodel> one two", StringComparison.Ordinal));
        await server.Client.RewindChatAsync(new RewindChatRequest { Name = "chats/watched" });
        await terminal.ScreenAsync(s => s.EndsWith("Rewound to the start.", StringComparison.Ordinal));
        await terminal.PressAsync("C-c");
        await terminal.ScreenAsync(s => s.EndsWith("you>", StringComparison.Ordinal));
        await TypeAsync(terminal, "/watch", "Rewound to the start.\nyou> /watch\nWatching watched.");
        await server.Client.DeleteChatAsync(new DeleteChatRequest { Name = "chats/watched" });

        await terminal.ScreenAsync(s => s.EndsWith("The chat was deleted.\nyou>", StringComparison.Ordinal));
    }
}
