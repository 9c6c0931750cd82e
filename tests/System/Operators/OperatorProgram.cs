using System.Text.Json;
using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests.Operators;

/// <summary>The commands <c>chats</c> of the server's program.</summary>
internal static class OperatorProgram
{
    /// <summary>Runs a command to its end.</summary>
    /// <param name="address">The server.</param>
    /// <param name="key">The API key, or null.</param>
    /// <param name="arguments">The arguments after <c>chats</c>.</param>
    public static async Task<(int Code, IReadOnlyList<string> Lines, IReadOnlyList<string> Errors)> RunAsync(string address, string? key, params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["GENAI_CHATS_ADDRESS"] = address, ["GENAI_CHATS_API_KEY"] = key ?? "" };
        await using var process = ChildProcess.Start("dotnet", [Repository.ServerAssembly, "chats", .. arguments], environment);
        var code = await process.ExitAsync();
        return (code, process.Lines, process.Errors);
    }

    /// <summary>Runs a command that succeeds, and returns the lines that it printed.</summary>
    public static async Task<IReadOnlyList<string>> LinesAsync(string address, string? key, params string[] arguments)
    {
        var (code, lines, errors) = await RunAsync(address, key, arguments);
        Assert.True(code == 0, $"chats {string.Join(' ', arguments)} ended with {code}: {string.Join('\n', errors)}");
        return lines;
    }

    /// <summary>Lists chats, each as TENANT/CHAT_ID with the object that the command printed.</summary>
    public static async Task<IReadOnlyList<(string Chat, JsonElement Json)>> ListAsync(string address, string? key, params string[] arguments) =>
        [.. (await LinesAsync(address, key, ["list", "--output", "json", .. arguments])).Select(line =>
        {
            var json = JsonDocument.Parse(line).RootElement;
            return ($"{json.GetProperty("tenant")}/{json.GetProperty("chat").GetProperty("name").GetString()!["chats/".Length..]}", json);
        })];

    /// <summary>Runs a command that fails with one line.</summary>
    public static async Task<string> ErrorAsync(string address, string? key, int code, params string[] arguments)
    {
        var (actual, lines, errors) = await RunAsync(address, key, arguments);
        Assert.Equal(code, actual);
        Assert.Empty(lines);
        return Assert.Single(errors, static error => error != "For usage, run with --help.");
    }
}
