namespace GenAI.Chats.Storage.Columns;

/// <summary>The columns of a turn, which are the same in all databases.</summary>
internal static class TurnColumns
{
    /// <summary>The columns of table turns t that <see cref="Read"/> reads. The input, its size, and the outcome must follow.</summary>
    public const string Names = """
        t.sequence, t.turn_id, t.request_id, t.request_hash, t.state, t.attempt, t.used_attempts, t.owner, t.revision, t.curated,
        t.create_time, t.start_time, t.end_time, t.stop
        """;

    /// <summary>Reads a turn. The input can be null; then the record has none.</summary>
    public static TurnRecord Read<TRow>(TRow row)
        where TRow : IStoredRow => new()
        {
            Sequence = row.Int64(0),
            TurnId = TextOrNull(row, 1) ?? "",
            RequestId = TextOrNull(row, 2) ?? "",
            RequestHash = row.Bytes(3).ToArray(),
            State = (TurnState)row.Int32(4),
            Attempt = row.Int32(5),
            UsedAttempts = row.Int32(6),
            Owner = TextOrNull(row, 7),
            Revision = row.Int64(8),
            Curated = row.Boolean(9),
            CreateTime = Ticks.ToTime(row.Int64(10)),
            StartTime = row.IsNull(11) ? null : Ticks.ToTime(row.Int64(11)),
            EndTime = row.IsNull(12) ? null : Ticks.ToTime(row.Int64(12)),
            Stop = (TurnStop)row.Int32(13),
            Input = row.IsNull(14) ? null! : TurnInput.Parser.ParseFrom(row.Bytes(14)),
            InputBytes = row.IsNull(15) ? 0 : row.Int64(15),
            Outcome = row.IsNull(16) ? null : TurnOutcome.Parser.ParseFrom(row.Bytes(16)),
        };

    /// <summary>Reads the state of a turn from the columns sequence, turn_id, state, attempt, owner, stop.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">The number of the first of these columns.</param>
    public static TurnPlace ReadPlace<TRow>(TRow row, int column)
        where TRow : IStoredRow => new(
        row.Int64(column),
        TextOrNull(row, column + 1) ?? "",
        (TurnState)row.Int32(column + 2),
        row.Int32(column + 3),
        TextOrNull(row, column + 4),
        (TurnStop)row.Int32(column + 5));

    /// <summary>Returns an ID as it is stored: no value if it is empty.</summary>
    public static string? NullIfEmpty(string id) => id.Length == 0 ? null : id;

    private static string? TextOrNull<TRow>(TRow row, int column)
        where TRow : IStoredRow => row.IsNull(column) ? null : row.Text(column);
}
