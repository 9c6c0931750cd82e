using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Terminal;

/// <summary>The console in pipes and scripts.</summary>
public sealed class PipedConsoleTests
{
    [Fact]
    public async Task Pipe_OneMessage_PrintsOnlyTheResponse()
    {
        var server = await ServerProcess.SharedAsync();

        Assert.Equal(["hi"], await ShellAsync($"echo hi | {Chat(server)} --chat piped"));
        Assert.Equal(["two lines,", "one message"], await ShellAsync($"printf 'two lines,\\none message\\n' | {Chat(server)} --chat piped"));
        Assert.Equal(["Hello there!"], await ShellAsync($"{Chat(server)} --chat piped --system 'Be kind.' Hello 'there!' </dev/null"));

        var history = await server.Client.GetHistoryAsync(new GetHistoryRequest { Name = "chats/piped" });
        Assert.Equal(6, history.History.Count);
    }

    [Fact]
    public async Task Pipe_TurnFails_ExitsWithOneAndTheReason()
    {
        var server = await ServerProcess.SharedAsync();
        var failing = new GenerateContentConfig { Labels = { ["echo-fail-at"] = "2" } };
        await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model, ChatId = "piped-failing", Config = failing });

        await using var process = ChildProcess.Start("bash", ["-c", $"echo one two | {Chat(server)} --chat piped-failing"]);

        Assert.Equal(1, await process.ExitAsync());
        Assert.Empty(process.Lines);
        Assert.Contains("MODEL_UNAVAILABLE", Assert.Single(process.Errors), StringComparison.Ordinal);
    }

    private static string Chat(ServerProcess server) => $"dotnet {Repository.ConsoleAssembly} --address {server.Address}";

    private static Task<IReadOnlyList<string>> ShellAsync(string command) => ChildProcess.RunAsync("bash", ["-c", command]);
}
