using Npgsql;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Texts as columns. Postgres's have no NUL, which ids and labels may have; it is written as <c>\0</c>, and a backslash as two.</summary>
internal static class PostgresText
{
    /// <summary>As it is stored.</summary>
    public static string Escape(string text) => text.AsSpan().ContainsAny('\0', '\\')
        ? text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\0", @"\0", StringComparison.Ordinal)
        : text;

    /// <summary>A column of the row as it was before it was stored.</summary>
    public static string GetText(this NpgsqlDataReader row, int column)
    {
        // Split at the backslashes that were doubled, what is left of them stands before a 0.
        var text = row.GetString(column);
        return text.Contains('\\', StringComparison.Ordinal)
            ? string.Join('\\', text.Split(@"\\").Select(part => part.Replace(@"\0", "\0", StringComparison.Ordinal)))
            : text;
    }

    /// <inheritdoc cref="GetText" />
    public static string? GetTextOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetText(column);
}
