using GenAI.Chats.Engine.Limits;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>What all chats of a process share: its name as an owner of turns, the turns that run in it, and whether it is stopping.</summary>
internal sealed class ServerState(TurnSlots? slots = null) : IDisposable
{
    private readonly CancellationTokenSource _release = new();

    /// <summary>The process, as the owner of the turns that it runs. New with each start: a process that comes back is another one.</summary>
    public string Owner { get; } = Guid.CreateVersion7().ToString("N");

    /// <summary>The turns that run here, and the chats that wait for one of theirs to start. None starts when the server is stopping.</summary>
    public TurnSlots Slots { get; } = slots ?? new(TimeProvider.System);

    /// <summary>The turns that run here.</summary>
    public RunningTurns Turns { get; } = new();

    /// <summary>Whether the server is stopping: turns that run may end, none starts.</summary>
    public bool Draining => Slots.IsClosed;

    /// <summary>Cancelled when the time to end is over: waits end, and what still runs is released.</summary>
    public CancellationToken Release => _release.Token;

    /// <summary>How many turns run here.</summary>
    public int Running => Slots.Running;

    /// <summary>Lets no more turns start. What it returns completes when none runs.</summary>
    public Task BeginDrain() => Slots.Close();

    /// <summary>Ends the waits, and has the turns released that still run. What it returns completes when none runs.</summary>
    public async Task ReleaseAllAsync()
    {
        await _release.CancelAsync();
        await Slots.Close();
    }

    /// <inheritdoc/>
    public void Dispose() => _release.Dispose();
}
