using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// Tells owners which of their turns must stop. A provider can't be asked for the turns of an owner, so a stop goes into a record of the owner as well, which
/// the owner reads with each beat. The chat's head has the stop first: where the record was lost, the turn's end still meets it.
/// </summary>
internal sealed class OwnerStops(RecordStorage records, ILogger logger)
{
    // More than an owner's turns are stopped between two beats, unless it is frozen or gone: then no one needs the record.
    private const int MaxStops = 4096;

    /// <summary>Puts a turn's stop where its owner reads it.</summary>
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
                record.Format = ChatFiles.Format;
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
            // The step is done; only its owner gets to know it later.
            GrainStorageLog.StopNotTold(logger, failure);
        }
    }

    /// <summary>Takes what is there for an owner. What can't be read or removed now comes with a later beat.</summary>
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

    /// <summary>Removes what is there for an owner that has left.</summary>
    public Task RemoveAsync(string owner) => records.ClearAsync(RecordName.Stops(owner));

    private SharedRecord<StopsRecord> RecordOf(string owner) => new(records, RecordName.Stops(owner), StopsRecord.Parser);
}
