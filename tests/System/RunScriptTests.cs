using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests;

/// <summary>The one command that a newcomer types.</summary>
public sealed class RunScriptTests
{
    [LongFact]
    public async Task Run_FromAnyDirectory_GreetsServesAndStops()
    {
        using var directory = new TestDirectory();

        // What the tests were built with is there, so that nothing is built again.
        var process = ChildProcess.Start(
            Repository.PathTo("run"),
            ["--Api:GrpcPort=0", "--Api:HttpPort=0", $"--Storage:Path={directory.Database}"],
            new Dictionary<string, string> { ["Configuration"] = Repository.Configuration });
        await using var server = await ServerProcess.GreetedAsync(process);

        var chat = await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model });

        Assert.StartsWith("chats/", chat.Name, StringComparison.Ordinal);
        Assert.True(File.Exists(directory.Database));
        Assert.Equal($"Try: examples/python/first_chat.py {server.Address}", await process.LineAsync(l => l.StartsWith("Try", StringComparison.Ordinal)));
        Assert.Equal(0, await server.TerminateAsync());
    }
}
