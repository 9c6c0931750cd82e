namespace GenAI.Chats.Api.Commands;

/// <summary>Prints the progress of an export or an import: on a terminal in one line that is overwritten, otherwise sometimes a line, for logs.</summary>
internal sealed class TransferProgress(CommandConsole console, TimeProvider time)
{
    private const string EraseLine = "\r\e[K";

    private readonly TimeSpan _interval = console.HasErrorTerminal ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(10);
    private long _last = time.GetTimestamp();
    private bool _isShown;

    /// <summary>Prints the progress, unless it was printed a moment ago.</summary>
    public void Report(FormattableString progress)
    {
        if (time.GetElapsedTime(_last) < _interval)
        {
            return;
        }

        _last = time.GetTimestamp();
        var text = FormattableString.Invariant(progress);
        if (console.HasErrorTerminal)
        {
            _isShown = true;
            console.Error.Write($"{EraseLine}{text}...");
        }
        else
        {
            console.Error.WriteLine($"{text}.");
        }
    }

    /// <summary>Runs an operation that reports progress, and erases the overwritten line at its end.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> operation)
    {
        try
        {
            return await operation();
        }
        finally
        {
            if (_isShown)
            {
                await console.Error.WriteAsync(EraseLine);
            }
        }
    }
}
