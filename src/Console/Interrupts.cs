using System.Runtime.InteropServices;
using Spectre.Console;

namespace GenAI.Chats.Terminal;

/// <summary>Ctrl+C: while a turn runs it cancels the turn; at the prompt the second one in a row ends the program.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration _registration;
    private CancellationTokenSource? _turn;
    private bool _isSecond;

    public Interrupts() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt);

    /// <summary>Completes when the person wants to leave.</summary>
    public Task Left => _left.Task;

    /// <summary>Shows the prompt again after a word in between.</summary>
    public Action? Prompt { get; set; }

    /// <summary>A turn begins. It ends with the source's disposal.</summary>
    public TurnScope BeginTurn()
    {
        var source = new CancellationTokenSource();
        lock (_lock)
        {
            _turn = source;
        }

        return new TurnScope(this, source);
    }

    /// <summary>A line was entered: the next interrupt is a first one again.</summary>
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
            if (_turn is not null)
            {
                // Its callbacks run elsewhere: they may want the lock.
                _ = _turn.CancelAsync();
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
        AnsiConsole.MarkupLine("[grey]Ctrl+C again leaves; so does /quit.[/]");
        Prompt?.Invoke();
    }

    /// <summary>A turn that an interrupt cancels.</summary>
    internal readonly struct TurnScope(Interrupts owner, CancellationTokenSource source) : IDisposable
    {
        public CancellationToken Token => source.Token;

        public void Dispose()
        {
            lock (owner._lock)
            {
                owner._turn = null;
            }

            source.Dispose();
        }
    }
}
