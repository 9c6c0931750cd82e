using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GenAI.Chats.Grains.Storage.Sqlite;

/// <summary>Says in the store's words what went wrong in Sqlite.</summary>
internal static class SqliteErrors
{
    /// <summary>A new exception, as each caller gets its own.</summary>
    public static ChatStoreException Translate(Exception exception) => new(
        exception switch
        {
            SqliteException sqlite => Describe(sqlite.SqliteErrorCode),
            ChatStoreException store => store.Message,
            IOException or UnauthorizedAccessException => $"The store's file cannot be opened: {exception.Message}",
            _ => "The store failed.",
        },
        exception);

    private static string Describe(int code) => code switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "The store's file is locked by another process.",
        raw.SQLITE_FULL => "The store's disk is full.",
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "The store's file is damaged, or is no Sqlite database.",
        raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_READONLY => "The store's file cannot be opened for writing.",
        raw.SQLITE_IOERR => "The store's disk failed.",
        _ => $"The store's database failed with code {code}.",
    };
}
