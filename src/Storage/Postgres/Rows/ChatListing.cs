using System.Text;
using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>
/// Lists a tenant's chats. If few chats have one of the labels, these chats are sorted. Otherwise, the tenant's chats are read from the
/// newest until the page is full, which is soon because many match.
/// </summary>
internal static class ChatListing
{
    private const long MaxSorted = 1000;

    /// <summary>Reads a page of chats.</summary>
    public static async Task<ChatListPage> ListAsync(PostgresSession session, ChatListQuery query)
    {
        var rarest = await FindRarestAsync(session, query).ConfigureAwait(false);
        var batch = session.Batch();
        var found = Query(batch, query, rarest);
        await session.RunAsync(batch).ConfigureAwait(false);

        var rows = found.All.Take(query.PageSize).ToList();
        long[] ids = [.. rows.Select(chat => chat.Id)];
        batch = session.Batch();
        var pending = TurnRows.FindPending(batch, ids);
        var last = TurnRows.LastSequences(batch, ids);
        await session.CommitAsync(batch).ConfigureAwait(false);

        var pendingOf = pending.All.ToLookup(row => row.Chat, row => row.Turn);
        var chats = rows.Select((chat, i) => new ChatSnapshot(chat.Record, Math.Max(last.All[i], chat.BaseSequence ?? 0), [.. pendingOf[chat.Id]])).ToList();
        var hasMore = found.All.Count > query.PageSize;
        return new ChatListPage(chats, hasMore ? new ChatListPosition(rows[^1].Record.UpdateTime, rows[^1].Record.Key.ChatId) : null);
    }

    /// <summary>Starts the read, and finds the label that the fewest chats have; null if many chats have each label, or there are no labels.</summary>
    private static async Task<KeyValuePair<string, string>?> FindRarestAsync(PostgresSession session, ChatListQuery query)
    {
        var batch = session.BeginRead();
        var counts = query.Labels.Select(label => (Label: label, Count: LabelRows.Count(batch, query.Tenant, label, MaxSorted))).ToList();
        await session.RunAsync(batch).ConfigureAwait(false);
        var rarest = counts.Where(count => count.Count.First < MaxSorted).OrderBy(count => count.Count.First).Take(1).ToList();
        return rarest.Count > 0 ? rarest[0].Label : null;
    }

    private static PostgresRows<ChatRow> Query(PostgresBatch batch, ChatListQuery query, KeyValuePair<string, string>? rarest)
    {
        var labels = query.Labels.OrderByDescending(label => label.Equals(rarest)).ToList();
        var after = query.After ?? new ChatListPosition(DateTimeOffset.MaxValue, "");
        List<NpgsqlParameter> values = [Text(query.Tenant), Number(query.PageSize + 1L), Time(after.UpdateTime), Text(after.ChatId)];
        foreach (var (key, value) in labels)
        {
            values.Add(Text(key));
            values.Add(Text(value));
        }

        return batch.Query(ChatColumns.Read, Sql(labels.Count, isSorted: rarest is not null), [.. values]);
    }

    // With scalar subqueries, the planner doesn't read all rows of a label.
    private static string Sql(int labels, bool isSorted)
    {
        var sql = new StringBuilder("SELECT ").Append(ChatColumns.Names)
            .Append(" FROM chats c JOIN settings s ON s.chat = c.id")
            .Append(" WHERE c.tenant = $1 AND c.update_time <= $3 AND NOT (c.update_time = $3 AND c.chat_id <= $4) AND ").Append(ChatRows.IsLive);
        if (isSorted)
        {
            sql.Append(" AND c.id = ANY (ARRAY (SELECT chat FROM labels WHERE tenant = $1 AND key = $5 AND value = $6))");
        }

        for (var i = isSorted ? 1 : 0; i < labels; i++)
        {
            sql.Append(
                CultureInfo.InvariantCulture,
                $" AND (SELECT true FROM labels m WHERE m.tenant = $1 AND m.key = ${5 + (2 * i)} AND m.value = ${6 + (2 * i)} AND m.chat = c.id)");
        }

        return sql.Append(" ORDER BY c.update_time DESC, c.chat_id LIMIT $2").ToString();
    }
}
