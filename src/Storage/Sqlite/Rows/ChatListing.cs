using System.Text;

namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>
/// Lists a tenant's chats. If few chats have one of the labels, these chats are sorted. Otherwise, the tenant's chats are read from the
/// newest until the page is full, which is soon because many match.
/// </summary>
internal static class ChatListing
{
    private const long MaxSorted = 1000;

    /// <summary>Reads a page of chats.</summary>
    public static ChatListPage List(SqliteSession session, ChatListQuery query, DateTimeOffset now)
    {
        var rows = ReadPage(session, query, now, out var hasMore);
        var chats = rows
            .Select(chat => new ChatSnapshot(chat.Record, TurnRows.LastSequence(session, chat.Id, chat.BaseSequence), TurnRows.ReadPending(session, chat.Id)))
            .ToList();
        return new ChatListPage(chats, hasMore ? new ChatListPosition(rows[^1].Record.UpdateTime, rows[^1].Record.Key.ChatId) : null);
    }

    private static List<ChatRow> ReadPage(SqliteSession session, ChatListQuery query, DateTimeOffset now, out bool hasMore)
    {
        var rows = new List<ChatRow>();
        using var row = Query(session, query, now);
        while (row.Read())
        {
            if (rows.Count == query.PageSize)
            {
                hasMore = true;
                return rows;
            }

            rows.Add(ChatColumns.Read(row));
        }

        hasMore = false;
        return rows;
    }

    private static SqliteRows Query(SqliteSession session, ChatListQuery query, DateTimeOffset now)
    {
        var rarest = Rarest(session, query);
        var labels = query.Labels.OrderByDescending(label => label.Equals(rarest)).ToList();
        var after = query.After ?? new ChatListPosition(DateTimeOffset.MaxValue, "");
        List<SqliteValue> values = [query.Tenant, query.PageSize + 1L, after.UpdateTime.UtcTicks, after.ChatId, now.UtcTicks];
        foreach (var (key, value) in labels)
        {
            values.Add(key);
            values.Add(value);
        }

        return session.Query(Sql(labels.Count, isSorted: rarest is not null), [.. values]);
    }

    /// <summary>Finds the label that the fewest chats have; null if many chats have each label, or there are no labels.</summary>
    private static KeyValuePair<string, string>? Rarest(SqliteSession session, ChatListQuery query)
    {
        KeyValuePair<string, string>? rarest = null;
        var least = MaxSorted;
        foreach (var label in query.Labels)
        {
            var count = LabelRows.Count(session, query.Tenant, label.Key, label.Value, least);
            if (count < least)
            {
                (rarest, least) = (label, count);
            }
        }

        return rarest;
    }

    private static string Sql(int labels, bool isSorted)
    {
        var sql = new StringBuilder("SELECT ").Append(ChatColumns.Names).Append(isSorted
            ? " FROM labels l CROSS JOIN chats c ON c.id = l.chat AND l.tenant = ?1 AND l.key = ?6 AND l.value = ?7"
            : " FROM chats c INDEXED BY chats_by_update");
        sql.Append(" CROSS JOIN settings s ON s.chat = c.id WHERE ").Append(isSorted ? "+c.tenant" : "c.tenant")
            .Append(" = ?1 AND c.update_time <= ?3 AND NOT (c.update_time = ?3 AND c.chat_id <= ?4)")
            .Append(" AND ").Append(ChatRows.IsLive("?5"));
        for (var i = isSorted ? 1 : 0; i < labels; i++)
        {
            sql.Append(
                CultureInfo.InvariantCulture,
                $" AND EXISTS (SELECT 1 FROM labels m WHERE m.tenant = ?1 AND m.chat = c.id AND m.key = ?{6 + (2 * i)} AND m.value = ?{7 + (2 * i)})");
        }

        return sql.Append(" ORDER BY c.update_time DESC, c.chat_id LIMIT ?2").ToString();
    }
}
