using System.Runtime.InteropServices;

namespace GenAI.Chats.Console;

/// <summary>Handles Ctrl+C: during a turn it cancels the turn; at the prompt, pressed twice in a row, it ends the program.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration _registration;
    private bool _isSecond;

    public Interrupts() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt);

    /// <summary>Completes when the person ends the program.</summary>
    public Task Left => _left.Task;

    /// <summary>Shows the prompt again after a message.</summary>
    public Action? Prompt { get; set; }

    /// <summary>The running turn, which an interrupt cancels.</summary>
    public CancellationTokenSource? Turn
    {
        get;
        set
        {
            lock (_lock)
            {
                field = value;
            }
        }
    }

    /// <summary>Resets the count of interrupts, because a line was entered.</summary>
    public void Entered()
    {
        lock (_lock)
        {
            _isSecond = false;
        }
    }

    public void Dispose() => _registration.Dispose();

    private void OnInterrupt(PosixSignalContext signal)
    {
        signal.Cancel = true;
        lock (_lock)
        {
            if (Turn is { } turn)
            {
                // Asynchronously, because callbacks might need the lock.
                _ = turn.CancelAsync();
                return;
            }

            if (_isSecond)
            {
                _left.TrySetResult();
                return;
            }

            _isSecond = true;
        }

        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLine("[grey]Press Ctrl+C again to exit.[/]");
        Prompt?.Invoke();
    }
}
