using GenAI.Chats.Console.Tests.Support;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Console.Tests.Commands;

/// <summary>The commands for branches, forks, and watches.</summary>
public sealed class BranchCommandTests : ConsoleTest
{
    private static readonly string[] Demo = ["--chat", "demo"];

    [Theory]
    [InlineData("/rewind", "The chat has no turns.")]
    [InlineData("/rewind 1", "The chat has no turns.")]
    [InlineData("/branches", "The chat has no turns.")]
    [InlineData("/edit 1", "There's no turn 1. /branches lists the turns.")]
    [InlineData("/edit", "Usage: /edit N [TEXT]")]
    [InlineData("/edit one", "Usage: /edit N [TEXT]")]
    [InlineData("/fork", "There's no chat to fork yet.")]
    [InlineData("/watch", "There's no chat to watch yet.")]
    public async Task Type_CommandWithoutAChat_PrintsItsResult(string line, string result) => Assert.Equal($"you> {result}\nyou> \n", await TypeAsync(line));

    [Theory]
    [InlineData("/rewind", "turn 1", 1, true)]
    [InlineData("/rewind 3", "turn 3", 3, false)]
    [InlineData("/rewind 0", "the start", 0, false)]
    public async Task Rewind_MovesTheHead(string line, string place, long revision, bool isChecked)
    {
        AddDemo();

        Assert.Equal($"you> Rewound to {place}. To undo: /rewind 2\nyou> \n", await TypeAsync(Demo, [line]));

        var request = Assert.Single(Service.Rewinds);
        Assert.Equal((revision, isChecked), (request.Revision, request.HasExpectedRevision));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    public async Task Rewind_NoNumber_PrintsTheUsage(string number)
    {
        AddDemo();

        Assert.Equal("you> Usage: /rewind [N]\nyou> \n", await TypeAsync(Demo, [$"/rewind {number}"]));
    }

    [Fact]
    public async Task Edit_WithText_SendsItAfterTheTurnsParent()
    {
        AddDemo();

        Assert.Equal("you> new text\nyou> \n", await TypeAsync(Demo, ["/edit 2 new text"]));

        Assert.Equal(("new text", 1), (Assert.Single(Service.Sent).Text, Service.Sent.Single().AfterRevision));
    }

    [Fact]
    public async Task Edit_WithoutText_NextMessageReplacesTheOldOne()
    {
        AddDemo();

        var output = await TypeAsync(Demo, ["/edit 2", "new", "and more"]);

        Assert.Equal("you> second\nThe next message replaces this one.\nyou> new\nyou> and more\nyou> \n", output);
        Assert.Equal([(true, 1L), (false, 0L)], Service.Sent.Select(sent => (sent.HasAfterRevision, sent.AfterRevision)));
    }

    [Fact]
    public async Task Retry_ChatHasTurns_RegeneratesTheLastOne()
    {
        AddDemo();

        await TypeAsync(Demo, ["/retry"]);

        Assert.Equal("turn-2", Assert.Single(Service.Sent).RegenerateTurnId);
    }

    [Fact]
    public async Task Branches_ListsTheTurnsWithTheirPlaces()
    {
        AddDemo();

        var output = await TypeAsync(Demo, ["/branches"]);

        var rows = output.Split('\n').Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(["* 1 the start first FIRST", "* 2 1 second SECOND", "3 1 third THIRD"], rows.Where(row => row.Contains("IR", StringComparison.Ordinal) || row.Contains("SEC", StringComparison.Ordinal)));
        Assert.Contains("*: in the history. To go to a turn: /rewind N", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fork_OpensTheFork()
    {
        AddDemo();

        Assert.Equal("you> Chat copy, a fork of demo.\nyou> hi\nyou> \n", await TypeAsync(Demo, ["/fork copy", "hi"]));

        Assert.Equal("chats/copy", Assert.Single(Service.Sent).Name);
    }

    [Fact]
    public async Task Watch_ShowsTheEventsUntilTheChatIsDeleted()
    {
        AddDemo();
        var turn = Events.Of([new Part { Text = "hm", Thought = true }, Events.Text("one "), Events.Text("two")]);
        Service.Watched =
        [
            new ChatEvent { Chat = Service.Chats["chats/demo"] },
            new ChatEvent { Accepted = new Turn { Message = new Content { Parts = { Events.Text("Hello") } } } },
            .. turn.Select(next => new ChatEvent { Turn = new ChatEvent.Types.TurnProgress { Event = next } }),
            .. Events.Failed("MODEL_CREDENTIALS", "No API key.").Select(next => new ChatEvent { Turn = new ChatEvent.Types.TurnProgress { Event = next } }),
            new ChatEvent { Chat = new Chat { HeadRevision = 1 } },
            new ChatEvent { Chat = new Chat() },
            new ChatEvent { Deleted = new Empty() },
        ];

        var output = await TypeAsync(Demo, ["/watch"]);

        string[] expected =
        [
            "you> Watching demo. To stop, press Ctrl+C.",
            "user> Hello",
            "model> hm",
            "one two",
            "model> ",
            "No API key. (MODEL_CREDENTIALS)",
            "Rewound to turn 1.",
            "Rewound to the start.",
            "The chat was deleted.",
            "you> ",
            "",
        ];
        Assert.Equal(string.Join('\n', expected), output);
    }

    // A chat with two turns in its history, and one on another branch.
    private void AddDemo()
    {
        Service.Chats["chats/demo"] = new Chat { Name = "chats/demo", Model = "echo", Revision = 3, HeadRevision = 2 };
        Service.Turns =
        [
            NewTurn(1, 0, "first", inHistory: true), NewTurn(2, 1, "second", inHistory: true), NewTurn(3, 1, "third", inHistory: false),
        ];
    }

    private static Turn NewTurn(long revision, long parent, string text, bool inHistory) => new()
    {
        TurnId = $"turn-{revision}",
        Revision = revision,
        ParentRevision = parent,
        InHistory = inHistory,
        Message = new Content { Role = "user", Parts = { Events.Text(text) } },
        Output = { new Content { Role = "model", Parts = { Events.Text(text.ToUpperInvariant()) } } },
    };
}
