using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Terminal;

/// <summary>The console in pipes and scripts.</summary>
public sealed class PipedConsoleTests
{
    [Fact]
    public async Task Pipe_OneMessage_PrintsOnlyTheResponse()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);

        Assert.Equal(["hi"], await ShellAsync($"echo hi | {Chat(server)} --chat demo"));
        Assert.Equal(["two lines,", "one message"], await ShellAsync($"printf 'two lines,\\none message\\n' | {Chat(server)} --chat demo"));
        Assert.Equal(["Hello there!"], await ShellAsync($"{Chat(server)} --chat demo --system 'Be kind.' Hello 'there!' </dev/null"));

        var history = await server.Client.GetHistoryAsync(new GetHistoryRequest { Name = "chats/demo" });
        Assert.Equal(6, history.History.Count);
    }

    [Fact]
    public async Task Pipe_TurnFails_ExitsWithOneAndTheReason()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);
        var failing = new GenerateContentConfig { Labels = { ["echo-fail-at"] = "2" } };
        await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model, ChatId = "failing", Config = failing });

        await using var process = ChildProcess.Start("bash", ["-c", $"echo one two | {Chat(server)} --chat failing"]);

        Assert.Equal(1, await process.ExitAsync());
        Assert.Empty(process.Lines);
        Assert.Contains("MODEL_UNAVAILABLE", Assert.Single(process.Errors), StringComparison.Ordinal);
    }

    private static string Chat(ServerProcess server) => $"dotnet {Repository.ConsoleAssembly} --address {server.Address}";

    private static Task<IReadOnlyList<string>> ShellAsync(string command) => ChildProcess.RunAsync("bash", ["-c", command]);
}
