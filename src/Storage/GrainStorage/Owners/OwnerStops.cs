namespace GenAI.Chats.Storage.GrainStorage.Owners;

/// <summary>
/// Tells owners which of their turns must stop. Because a provider can't find the turns of an owner, a stop is also written to a record of the owner,
/// which the owner reads with each heartbeat. The chat's head has the stop first: if the record is lost, the end of the turn still checks the stop.
/// </summary>
internal sealed class OwnerStops(RecordStorage records, ILogger logger)
{
    // More than the turns that can be stopped between two heartbeats. If the owner is frozen or gone, it doesn't need the record.
    private const int MaxStops = 4096;

    /// <summary>Adds the stop of a turn to the record of its owner.</summary>
    public async Task AddAsync(LogTurn turn)
    {
        if (!turn.HasOwner || turn.Stop == 0)
        {
            return;
        }

        try
        {
            await RecordOf(turn.Owner).UpdateAsync(record =>
            {
                record.Format = RecordFormat.Linear;
                if (record.Stops.FirstOrDefault(stop => stop.TurnId == turn.TurnId) is { } known)
                {
                    known.Stop_ = Math.Max(known.Stop_, turn.Stop);
                }
                else if (record.Stops.Count < MaxStops)
                {
                    record.Stops.Add(new StopsRecord.Types.Stop { TurnId = turn.TurnId, Stop_ = turn.Stop });
                }

                return true;
            }).ConfigureAwait(false);
        }
        catch (ChatStoreException failure)
        {
            // The step is committed. Only the owner is notified later.
            GrainStorageLog.StopNotTold(logger, failure);
        }
    }

    /// <summary>Takes the stops of an owner. A stop that can't be read or removed now is returned with a later heartbeat.</summary>
    public async Task<IReadOnlyList<StoppedTurn>> TakeAsync(string owner)
    {
        StopsRecord found = new();
        try
        {
            (found, _) = await RecordOf(owner).ReadAsync().ConfigureAwait(false);
            if (found.Stops.Count > 0)
            {
                await RecordOf(owner).UpdateAsync(record => found.Stops.Count(record.Stops.Remove)).ConfigureAwait(false);
            }
        }
        catch (ChatStoreException failure)
        {
            GrainStorageLog.StopNotTold(logger, failure);
        }

        return [.. found.Stops.Select(stop => new StoppedTurn(stop.TurnId, (TurnStop)stop.Stop_))];
    }

    private SharedRecord<StopsRecord> RecordOf(string owner) => new(records, RecordName.Stops(owner), StopsRecord.Parser);
}
