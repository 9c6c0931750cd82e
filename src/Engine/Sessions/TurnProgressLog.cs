namespace GenAI.Chats.Engine.Sessions;

/// <summary>The stored steps of a turn's attempt: answers with calls of tools, and the calls' results. An attempt that starts over continues after them.</summary>
internal sealed class TurnProgressLog(ChatState chat, ActiveTurn turn)
{
    private int _count;
    private bool _isCountKnown = true;

    /// <summary>Reads the steps of earlier attempts. Without them the turn must not run: calls would run again.</summary>
    public async Task<IReadOnlyList<TurnProgress>> ReadAsync()
    {
        if (!turn.MayHaveProgress)
        {
            return [];
        }

        var steps = await chat.ReadAsync(s => s.ReadProgressAsync(chat.Key, turn.Record.TurnId, CancellationToken.None));
        _count = steps.Count;
        return steps;
    }

    /// <summary>Adds a step, and tries again while the store fails, until the turn is stopped. Calls of one answer run in parallel, and so do their steps.</summary>
    public async Task AddAsync(TurnProgress progress)
    {
        turn.MayHaveProgress = true;
        int? firstPlace = null;
        await chat.RetryAsync(
            async store =>
            {
                if (await IsStoredAsync(store, progress, firstPlace))
                {
                    return true;
                }

                var step = new ProgressStep(turn.Record.Sequence, turn.Record.TurnId, turn.Record.Attempt, chat.Server.Owner, _count, progress);
                firstPlace ??= step.Place;
                _isCountKnown = false;
                await store.ApplyAsync(chat.Key, step);
                (_count, _isCountKnown) = (step.Place + 1, true);
                return true;
            },
            turn.Stop);
    }

    // After a step of unknown outcome, the store is asked how many there are, and whether this one was added since.
    private async Task<bool> IsStoredAsync(IChatStore store, TurnProgress progress, int? firstPlace)
    {
        if (_isCountKnown && firstPlace is null)
        {
            return false;
        }

        var steps = await store.ReadProgressAsync(chat.Key, turn.Record.TurnId, turn.Stop);
        (_count, _isCountKnown) = (steps.Count, true);
        return firstPlace is { } first && steps.Skip(first).Contains(progress);
    }
}
