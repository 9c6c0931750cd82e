using System.Diagnostics;
using System.Text;

namespace GenAI.Chats.SystemTests.Support;

/// <summary>A process that a test starts. Its output is kept, and shown when something is not as awaited.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly List<string> _errors = [];
    private readonly List<string> _lines = [];
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string> Found)> _waits = [];

    private ChildProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Add(line.Data, _lines);
        _process.ErrorDataReceived += (_, line) => Add(line.Data, _errors);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The lines of its standard output.</summary>
    public IReadOnlyList<string> Lines => Copy(_lines);

    /// <summary>The lines of its standard error.</summary>
    public IReadOnlyList<string> Errors => Copy(_errors);

    /// <summary>Starts a program without input, in another directory than the repository's, so that nobody relies on that.</summary>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(start);
    }

    /// <summary>Runs a program to its end, which must be a good one, and returns what it printed.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var process = Start(program, arguments, environment);
        var code = await process.ExitAsync();
        Assert.True(code == 0, $"{program} ended with {code}.\n{process}");
        return process.Lines;
    }

    /// <summary>The first line of its standard output that matches, printed already or later.</summary>
    public async Task<string> LineAsync(Func<string, bool> matches)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_output)
        {
            if (_lines.Find(line => matches(line)) is { } line)
            {
                return line;
            }

            _waits.Add((matches, found));
        }

        var limit = TimeLimit.Token;
        await Task.WhenAny(found.Task, _process.WaitForExitAsync(limit));
        Assert.True(found.Task.IsCompleted, $"The line did not come.\n{this}");
        return await found.Task;
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync(TimeLimit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The process did not end.\n{this}");
        }

        return _process.ExitCode;
    }

    /// <summary>SIGTERM: asks it to end, and waits until it has.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        return await ExitAsync();
    }

    /// <summary>Sends it a signal.</summary>
    public Task SignalAsync(string signal) => RunAsync("kill", [$"-{signal}", $"{_process.Id}"]);

    /// <summary>SIGKILL: ends it between two instructions.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);

            // Its output is read to the end, which somebody may keep open who is not of the tree.
            await _process.WaitForExitAsync(TimeLimit.Token);
        }

        _process.Dispose();
    }

    public override string ToString()
    {
        lock (_output)
        {
            return $"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} printed:\n{_output}";
        }
    }

    private IReadOnlyList<string> Copy(List<string> lines)
    {
        lock (_output)
        {
            return [.. lines];
        }
    }

    private void Add(string? line, List<string> lines)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
            lines.Add(line);
            if (lines == _lines)
            {
                _waits.Where(wait => wait.Matches(line)).ToList().ForEach(wait => wait.Found.TrySetResult(line));
            }
        }
    }
}
