namespace GenAI.Chats.Storage.Sqlite.Connections;

/// <summary>The value of a parameter: a number, a text, bytes, or no value.</summary>
internal readonly struct SqliteValue
{
    private SqliteValue(long number) => (Number, IsNumber) = (number, true);

    private SqliteValue(object? reference) => Reference = reference;

    /// <summary>Whether the value is <see cref="Number"/>.</summary>
    public bool IsNumber { get; }

    /// <summary>The number.</summary>
    public long Number { get; }

    /// <summary>A string, an array of bytes, or null for no value. Only if the value isn't a number.</summary>
    public object? Reference { get; }

    public static implicit operator SqliteValue(long number) => new(number);

    public static implicit operator SqliteValue(long? number) => number is { } value ? new(value) : default;

    public static implicit operator SqliteValue(bool flag) => new(flag ? 1 : 0);

    public static implicit operator SqliteValue(string? text) => new(text);

    public static implicit operator SqliteValue(byte[]? bytes) => new(bytes);
}
