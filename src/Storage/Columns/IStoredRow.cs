namespace GenAI.Chats.Storage.Columns;

/// <summary>A row of a query's result, in any database.</summary>
internal interface IStoredRow
{
    /// <summary>Indicates whether a column has no value.</summary>
    bool IsNull(int column);

    /// <summary>Returns the number in a column.</summary>
    long Int64(int column);

    /// <summary>Returns the number in a column, which fits into 32 bits.</summary>
    int Int32(int column);

    /// <summary>Returns the truth value in a column.</summary>
    bool Boolean(int column);

    /// <summary>Returns the text in a column.</summary>
    string Text(int column);

    /// <summary>Returns the bytes in a column. They are valid until the next row is read.</summary>
    ReadOnlySpan<byte> Bytes(int column);
}
