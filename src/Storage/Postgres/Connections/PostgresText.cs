namespace GenAI.Chats.Storage.Postgres.Connections;

/// <summary>
/// Converts texts to and from text columns. PostgreSQL texts can't contain NUL, which IDs and labels can: it is stored as <c>\0</c>, and a
/// backslash as two.
/// </summary>
internal static class PostgresText
{
    /// <summary>Returns a text as it is stored.</summary>
    public static string Escape(string text) => text.AsSpan().ContainsAny('\0', '\\')
        ? text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\0", @"\0", StringComparison.Ordinal)
        : text;

    /// <summary>Returns a text as it was before <see cref="Escape"/>.</summary>
    public static string Unescape(string text) =>

        // After a split at the double backslashes, each backslash that is left comes before a 0.
        text.Contains('\\', StringComparison.Ordinal)
            ? string.Join('\\', text.Split(@"\\").Select(part => part.Replace(@"\0", "\0", StringComparison.Ordinal)))
            : text;
}
