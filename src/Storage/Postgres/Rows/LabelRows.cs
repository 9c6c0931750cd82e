using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>Rows of labels, so that lists can select chats by them.</summary>
internal static class LabelRows
{
    /// <summary>Inserts a chat's labels.</summary>
    public static void Insert(PostgresBatch batch, string tenant, long chat, IReadOnlyCollection<KeyValuePair<string, string>> labels)
    {
        if (labels.Count > 0)
        {
            batch.Execute(
                "INSERT INTO labels (tenant, chat, key, value) SELECT $1, $2, l.key, l.value FROM unnest($3, $4) AS l (key, value)",
                Text(tenant), Number(chat), Texts([.. labels.Select(label => label.Key)]), Texts([.. labels.Select(label => label.Value)]));
        }
    }

    /// <summary>Deletes a chat's labels.</summary>
    public static void Delete(PostgresBatch batch, long chat) => batch.Execute("DELETE FROM labels WHERE chat = $1", Number(chat));

    /// <summary>Counts the tenant's chats that have a label, up to a maximum.</summary>
    public static PostgresRows<long> Count(PostgresBatch batch, string tenant, KeyValuePair<string, string> label, long max) => batch.Query(
        row => row.Int64(0),
        "SELECT count(*) FROM (SELECT 1 FROM labels WHERE tenant = $1 AND key = $2 AND value = $3 LIMIT $4) AS l",
        Text(tenant), Text(label.Key), Text(label.Value), Number(max));
}
