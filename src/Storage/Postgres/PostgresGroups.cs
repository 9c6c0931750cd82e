using GenAI.Chats.Storage.Postgres.Rows;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Runs steps of several chats in one transaction, which no lock of another transaction delays.</summary>
internal static class PostgresGroups
{
    /// <summary>Applies those of the steps that have all preconditions, while no other transaction has locked their chats. The others change nothing.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="steps">The steps, each of another chat; see <see cref="GroupRows.Has"/>.</param>
    /// <param name="isProven">
    /// Whether the connection was just in use. Then one round trip is enough. Otherwise, the commit isn't sent before the server has answered: if it was
    /// restarted since, the step can run again on another connection.
    /// </param>
    /// <returns>The steps that were applied.</returns>
    public static async Task<HashSet<SerializedStep>> ApplyAsync(PostgresSession session, IReadOnlyList<SerializedStep> steps, bool isProven)
    {
        var batch = session.BeginStep();
        GroupRows.Lock(batch, steps);
        if (!isProven)
        {
            await session.RunAsync(batch).ConfigureAwait(false);
            batch = session.Batch();
        }

        var accepts = steps.Where(static step => step.Turns.Count > 0).ToList();
        var ends = steps.Where(static step => step.Turns.Count == 0).ToList();
        var accepted = accepts.Count > 0 ? GroupRows.Accept(batch, accepts) : null;
        var ended = ends.Count > 0 ? GroupRows.End(batch, ends) : null;
        await session.CommitAsync(batch).ConfigureAwait(false);
        return [.. accepted?.All.Select(index => accepts[index]) ?? [], .. ended?.All.Select(index => ends[index]) ?? []];
    }
}
