using GenAI.Chats.Console.Tests.Support;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Console.Tests.Rendering;

/// <summary>Messages and responses in the interactive chat.</summary>
public sealed class ResponseTests : ConsoleTest
{
    [Fact]
    public async Task Type_Messages_CreateOneChatAndPrintTheResponses()
    {
        var output = await TypeAsync("Hello!", "", "two \\", "lines");

        Assert.Equal("you> Hello!\nyou> you> you> two \nlines\nyou> \n", output);
        Assert.Equal(["Hello!", "two \nlines"], Service.Sent.Select(sent => sent.Text));
        Assert.Equal("chats/new", Assert.Single(Service.Chats).Key);
        Assert.StartsWith($"{Address}, model echo. /help lists the commands.\n", Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Type_ExistingChat_ContinuesIt()
    {
        Service.Chats["chats/demo"] = new V1.Chat { Name = "chats/demo", Model = "gemini" };

        await TypeAsync(["--chat", "demo"], ["hi"]);

        Assert.StartsWith($"{Address}, model gemini, chat demo. /help lists the commands.\n", Output, StringComparison.Ordinal);
        Assert.Equal("chats/demo", Assert.Single(Service.Sent).Name);
    }

    [Fact]
    public async Task Type_ModelThinks_ThoughtsAreOnALineOfTheirOwn()
    {
        Service.Script(_ => Events.Of([new Part { Text = "hm", Thought = true }, Events.Text("Yes.")]));

        Assert.Equal("you> hm\nYes.\nyou> \n", await TypeAsync("?"));
    }

    [Fact]
    public async Task Type_ModelStopsEarly_PrintsTheReason()
    {
        Service.Script(_ => Events.Of([Events.Text("On and on")], "MAX_TOKENS"));

        Assert.Equal("you> On and on\nStopped: MAX_TOKENS.\nyou> \n", await TypeAsync("?"));
    }

    [Fact]
    public async Task Type_TurnIsRestarted_PrintsTheNewResponse()
    {
        Service.Script(_ => Events.Restarted([Events.Text("Ye")], Events.Text("Yes.")));

        Assert.Equal("you> Ye\nConnection to the server was lost; restarting the response.\nYes.\nyou> \n", await TypeAsync("?"));
    }

    [Fact]
    public async Task Type_ResponseControlsTheTerminal_IsReplaced()
    {
        Service.Script(_ => Events.Of([Events.Text("\e[2J[red]x[/]")]));

        Assert.Equal("you> \uFFFD[2J[red]x[/]\nyou> \n", await TypeAsync("?"));
    }

    [Fact]
    public async Task Retry_TurnFailed_StartsAnotherTurn()
    {
        Service.Script(_ => Events.Failed("MODEL_CREDENTIALS", "No API key."));

        var output = await TypeAsync("hi", "/retry");

        Assert.Equal("you> \nNo API key. (MODEL_CREDENTIALS) To try again: /retry\nyou> hi\nyou> \n", output);
        Assert.Equal(["hi", "hi"], Service.Sent.Select(sent => sent.Text));
        Assert.Equal(2, Service.Sent.Select(sent => sent.RequestId).Distinct().Count());
    }

    [Fact]
    public async Task Retry_TurnMightRun_JoinsIt()
    {
        Service.Script(_ => throw ScriptedChats.Rejection(Code.FailedPrecondition, "CHAT_BUSY", "The chat is busy."));

        var output = await TypeAsync("hi", "/retry");

        Assert.Equal("you> \nThe chat is busy. (CHAT_BUSY) To try again: /retry\nyou> hi\nyou> \n", output);
        Assert.Single(Service.Sent.Select(sent => sent.RequestId).Distinct());
    }

    [Fact]
    public async Task Retry_NoMessage_SaysSo() => Assert.Equal("you> There's no message to resend.\nyou> \n", await TypeAsync("/retry"));
}
