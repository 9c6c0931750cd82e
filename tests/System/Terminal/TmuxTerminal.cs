using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests.Terminal;

/// <summary>A real terminal with a program in it: tmux, with a server of its own.</summary>
internal sealed class TmuxTerminal : IAsyncDisposable
{
    // Tmux does not always come to know the exit code of what ran in it. Ctrl+C is the program's, not the shell's.
    private const string KeepExitCode = "trap : INT; \"$@\"; echo $? > \"$0\"";

    private readonly string _socket = $"chats-{Guid.NewGuid():N}";
    private readonly string _exitCode = Path.Combine(Path.GetTempPath(), $"chats-exit-{Guid.NewGuid():N}");

    private TmuxTerminal()
    {
    }

    /// <summary>Opens a terminal of 100 columns and 40 lines.</summary>
    public static async Task<TmuxTerminal> StartAsync(params string[] command)
    {
        var terminal = new TmuxTerminal();

        // The screen stays when the program has ended.
        await terminal.RunAsync(["-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "40", "sleep", "infinity"]);
        await terminal.RunAsync(["set-option", "-g", "remain-on-exit", "on"]);
        await terminal.RunAsync(["respawn-pane", "-k", "sh", "-c", KeepExitCode, terminal._exitCode, .. command]);
        return terminal;
    }

    /// <summary>Types a line.</summary>
    public async Task TypeAsync(string line)
    {
        await RunAsync(["send-keys", "-l", line]);
        await PressAsync("Enter");
    }

    /// <summary>Presses a key, such as <c>C-c</c>.</summary>
    public Task PressAsync(string key) => RunAsync(["send-keys", key]);

    /// <summary>Waits until the screen shows something, and returns it without the empty lines at its end.</summary>
    public async Task<string> ScreenAsync(Func<string, bool> isRight)
    {
        var screen = "";
        try
        {
            return await TimeLimit.UntilAsync(
                async () => screen = string.Join('\n', await RunAsync(["capture-pane", "-p"])).TrimEnd(), isRight);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The screen did not come to show it:\n{screen}");
            throw;
        }
    }

    /// <summary>Waits for the program's end, and returns its exit code.</summary>
    public async Task<string> ExitAsync()
    {
        try
        {
            return await TimeLimit.UntilAsync(
                async () => File.Exists(_exitCode) ? (await File.ReadAllTextAsync(_exitCode)).TrimEnd() : "", code => code.Length > 0);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The program did not end:\n{string.Join('\n', await RunAsync(["capture-pane", "-p"])).TrimEnd()}");
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync(["kill-server"]);
        File.Delete(_exitCode);
    }

    private Task<IReadOnlyList<string>> RunAsync(IEnumerable<string> arguments) => ChildProcess.RunAsync("tmux", ["-L", _socket, .. arguments]);
}
