using NpgsqlTypes;

namespace GenAI.Chats.Storage.Postgres.Connections;

/// <summary>Values of parameters. Each has a type even if it is null, so that a statement is prepared once.</summary>
internal static class PostgresValues
{
    public static NpgsqlParameter Text(string? value) => Value(NpgsqlDbType.Text, value is null ? null : PostgresText.Escape(value));

    public static NpgsqlParameter Texts(string?[] values) => Value(
        NpgsqlDbType.Array | NpgsqlDbType.Text, Array.ConvertAll(values, static value => value is null ? null : PostgresText.Escape(value)));

    public static NpgsqlParameter Number(long? value) => Value(NpgsqlDbType.Bigint, value);

    /// <summary>A number; 0 is stored as no value.</summary>
    public static NpgsqlParameter NumberOrNull(long value) => Number(value == 0 ? null : value);

    public static NpgsqlParameter Numbers(long[] values) => Value(NpgsqlDbType.Array | NpgsqlDbType.Bigint, values);

    public static NpgsqlParameter NumbersOrNulls(long?[] values) => Value(NpgsqlDbType.Array | NpgsqlDbType.Bigint, values);

    public static NpgsqlParameter Flag(bool value) => Value(NpgsqlDbType.Boolean, value);

    public static NpgsqlParameter Flags(bool[] values) => Value(NpgsqlDbType.Array | NpgsqlDbType.Boolean, values);

    public static NpgsqlParameter Blobs(byte[]?[] values) => Value(NpgsqlDbType.Array | NpgsqlDbType.Bytea, values);

    public static NpgsqlParameter Bytes(byte[]? value) => Value(NpgsqlDbType.Bytea, value);

    public static NpgsqlParameter Bytes(ReadOnlyMemory<byte> value) => Value(NpgsqlDbType.Bytea, value.ToArray());

    public static NpgsqlParameter Time(DateTimeOffset? value) => Number(value?.UtcTicks);

    public static NpgsqlParameter Interval(TimeSpan value) => Value(NpgsqlDbType.Interval, value);

    private static NpgsqlParameter Value(NpgsqlDbType type, object? value) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };
}
