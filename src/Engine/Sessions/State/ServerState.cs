namespace GenAI.Chats.Engine.Sessions.State;

/// <summary>What all chats of a process share: its name as an owner of turns, its turns, its clock, and whether it is stopping.</summary>
public sealed class ServerState : IDisposable
{
    private readonly CancellationTokenSource _release = new();

    internal ServerState(TurnSlots? slots = null, TimeProvider? time = null, ChatMetrics? metrics = null)
    {
        Time = time ?? TimeProvider.System;
        Slots = slots ?? new TurnSlots(Time);
        EndedTurns = new EndedTurns(Time);
        metrics?.ObserveTurns(() => Slots.Running, () => Slots.Waiting);
    }

    /// <summary>Gets the clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Gets the process's name as the owner of the turns that it runs. It is new with each start, so a restarted process is another owner.</summary>
    public string Owner { get; } = Guid.CreateVersion7().ToString("N");

    /// <summary>Gets the slots for running turns, and the queue of the chats that wait for one. No turn starts while the server is stopping.</summary>
    internal TurnSlots Slots { get; }

    /// <summary>Gets the running turns.</summary>
    internal RunningTurns Turns { get; } = new();

    /// <summary>Gets the events of turns that have ended.</summary>
    internal EndedTurns EndedTurns { get; }

    /// <summary>Gets the chats that an activation has left with pending turns.</summary>
    internal OrphanedChats Orphans { get; } = new();

    /// <summary>Gets whether the server is stopping: running turns may end, and no turn starts.</summary>
    public bool Draining => Slots.IsClosed;

    /// <summary>Gets a token that is canceled when the drain timeout is over: waits end, and running turns are handed off.</summary>
    public CancellationToken Release => _release.Token;

    /// <summary>Gets the number of running turns.</summary>
    public int Running => Slots.Running;

    /// <summary>Returns the error for a new turn if the server is overloaded. Null: it isn't.</summary>
    public ChatException? Rejection() => Slots.Rejection();

    /// <summary>Stops a running turn whose stop is stored.</summary>
    public void Stop(StoppedTurn turn) => Turns.Stop(turn);

    /// <summary>Adds a chat that recovery must activate.</summary>
    public void AddOrphan(OrphanedChat chat) => Orphans.Add(chat);

    /// <summary>Removes and returns the chats that an activation has left with pending turns, in random order.</summary>
    public IReadOnlyList<OrphanedChat> TakeOrphans() => Orphans.Take();

    /// <summary>Lets no more turns start.</summary>
    /// <returns>A task that completes when no turn runs.</returns>
    public Task BeginDrain() => Slots.Close();

    /// <summary>Ends all waits, and hands off the running turns.</summary>
    /// <returns>A task that completes when no turn runs.</returns>
    public async Task ReleaseAllAsync()
    {
        await _release.CancelAsync();
        await Slots.Close();
    }

    /// <inheritdoc/>
    public void Dispose() => _release.Dispose();
}
