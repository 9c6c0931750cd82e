using GenAI.Chats.Console.Tests.Support;
using Google.Rpc;

namespace GenAI.Chats.Console.Tests;

/// <summary>The exit codes of the program, and where it writes.</summary>
public sealed class ProgramTests : ConsoleTest
{
    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--help", "--chat", "demo")]
    public void Run_Help_PrintsTheUsage(params string[] arguments)
    {
        Assert.Equal(ExitCodes.Good, Run(arguments));
        Assert.Contains("--certificate-key <FILE>", Output, StringComparison.Ordinal);
        Assert.Contains("./chat --chat demo Hello there", Output, StringComparison.Ordinal);
        Assert.Empty(Error);
    }

    [Fact]
    public void Run_Version_PrintsIt()
    {
        Assert.Equal(ExitCodes.Good, Run("--version"));
        Assert.Matches(@"\A\d+\.\d+\.\d+", Output);
    }

    [Fact]
    public void Run_UnreadableCaFile_NamesTheFile()
    {
        Assert.Equal(ExitCodes.Usage, Run("--address", Address, "--ca", "missing.pem", "hi"));
        Assert.Contains("'missing.pem'", Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Message_PrintsOnlyTheResponse()
    {
        Service.Script(_ => Events.Of([Events.Text("Hello "), Events.Text("there.")]));

        Assert.Equal(ExitCodes.Good, Run("--address", Address, "--chat", "demo", "--system", "Be brief.", "Hi", "you!"));

        Assert.Equal("Hello there.\n", Output);
        Assert.Empty(Error);
        Assert.Equal("Hi you!", Assert.Single(Service.Sent).Text);
        Assert.Equal("Be brief.", Service.Chats["chats/demo"].Config.SystemInstruction.Parts[0].Text);
    }

    [Fact]
    public void Run_MessageAndTurnIsRestarted_PrintsOnlyTheLastResponse()
    {
        Service.Script(_ => Events.Restarted([Events.Text("lost")], Events.Text("whole")));

        Assert.Equal(ExitCodes.Good, Run("--address", Address, "hi"));
        Assert.Equal("whole\n", Output);
    }

    [Fact]
    public void Run_TurnFails_PrintsTheReason()
    {
        Service.Script(_ => Events.Failed("MODEL_CREDENTIALS", "No API key."));

        Assert.Equal(ExitCodes.Failed, Run("--address", Address, "hi"));
        Assert.Equal("No API key. (MODEL_CREDENTIALS)\n", Error);
        Assert.Empty(Output);
    }

    [Fact]
    public void Run_ServiceRequiresCredentials_NamesTheVariable()
    {
        Service.Script(_ => throw ScriptedChats.Rejection(Code.Unauthenticated, "MISSING_CREDENTIALS", "Authentication required."));

        Assert.Equal(ExitCodes.Failed, Run("--address", Address, "hi"));
        Assert.Equal("Authentication required. (MISSING_CREDENTIALS) Set GENAI_CHATS_API_KEY to send an API key.\n", Error);
    }

    [Fact]
    public void Run_NoServer_ExplainsHowToStartOne()
    {
        Assert.Equal(ExitCodes.Failed, Run("--address", "127.0.0.1:1", "hi"));
        Assert.Equal("Can't connect to 127.0.0.1:1. Start the server, or pass --address. If it uses TLS: --address https://127.0.0.1:1\n", Error);
    }

    [Fact]
    public async Task PipedRun_EmptyInput_IsWrongUse()
    {
        System.Console.SetIn(new StringReader("\n"));

        Assert.Equal(ExitCodes.Usage, await PipedRun.RunAsync(null!, null));
        Assert.Equal("No message: pass one as an argument or on stdin.\n", Error);
    }
}
