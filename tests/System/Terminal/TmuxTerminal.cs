using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests.Terminal;

/// <summary>A program in a real terminal: tmux, with its own tmux server.</summary>
internal sealed class TmuxTerminal : IAsyncDisposable
{
    // Tmux doesn't always report the exit code of a program. The shell ignores Ctrl+C, so that only the program gets it.
    private const string KeepExitCode = "trap : INT; \"$@\"; echo $? > \"$0\"";

    private readonly string _socket = $"chats-{Guid.NewGuid():N}";
    private readonly string _exitCode = Path.Combine(Path.GetTempPath(), $"chats-exit-{Guid.NewGuid():N}");
    private readonly string _output = Path.Combine(Path.GetTempPath(), $"chats-output-{Guid.NewGuid():N}");
    private long _seen = -1;
    private string _screen = "";

    private TmuxTerminal()
    {
    }

    /// <summary>Opens a terminal of 100 columns and 40 lines.</summary>
    public static async Task<TmuxTerminal> StartAsync(params string[] command)
    {
        var terminal = new TmuxTerminal();

        // The screen stays after the program has ended.
        await terminal.RunAsync(["-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "40", "sleep", "infinity"]);
        await terminal.RunAsync(["set-option", "-g", "remain-on-exit", "on"]);
        await File.WriteAllTextAsync(terminal._output, "");
        await terminal.RunAsync(["respawn-pane", "-k", "sh", "-c", KeepExitCode, terminal._exitCode, .. command]);
        await terminal.RunAsync(["pipe-pane", $"cat >> '{terminal._output}'"]);
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
    public Task<string> ScreenAsync(Func<string, bool> isRight) => TimeLimit.UntilAsync(ScreenAsync, isRight);

    /// <summary>Waits for the program's end, and returns its exit code.</summary>
    public async Task<string> ExitAsync()
    {
        var ended = await TimeLimit.UntilAsync(
            async () => (Code: File.Exists(_exitCode) ? (await File.ReadAllTextAsync(_exitCode)).TrimEnd() : "", Screen: await ScreenAsync()),
            seen => seen.Code.Length > 0);
        return ended.Code;
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync(["kill-server"]);
        File.Delete(_exitCode);
        File.Delete(_output);
    }

    // The file tells whether there is a new screen, so that a wait doesn't start a process each time that it looks.
    private async Task<string> ScreenAsync()
    {
        var length = new FileInfo(_output).Length;
        if (length != _seen)
        {
            _screen = string.Join('\n', await RunAsync(["capture-pane", "-p"])).TrimEnd();
            _seen = length;
        }

        return _screen;
    }

    private Task<IReadOnlyList<string>> RunAsync(IEnumerable<string> arguments) => ChildProcess.RunAsync("tmux", ["-L", _socket, .. arguments]);
}
