using System.Globalization;
using GenAI.Chats.Engine.Storage;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>Says in the store's words what went wrong in Sqlite.</summary>
internal static class SqliteErrors
{
    private const int IoErrData = raw.SQLITE_IOERR | (32 << 8);
    private const int IoErrCorruptFs = raw.SQLITE_IOERR | (33 << 8);

    /// <summary>A new exception, as each caller gets its own.</summary>
    public static ChatStoreException Translate(Exception exception) => new(
        exception switch
        {
            SqliteException sqlite => Describe(sqlite),
            InvalidProtocolBufferException => "A record in the store's file is damaged.",
            ChatStoreException store => store.Message,
            IOException or UnauthorizedAccessException => $"The store's file cannot be opened: {exception.Message}",
            _ => "The store failed.",
        },
        exception)
    {
        Damage = exception switch
        {
            SqliteException sqlite when IsDamage(sqlite) => StoreDamage.Database,
            InvalidProtocolBufferException => StoreDamage.Record,
            _ => StoreDamage.None,
        },
    };

    // Found by Sqlite itself, or by the file system or checksums below it.
    private static bool IsDamage(SqliteException exception) =>
        exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
        || exception.SqliteExtendedErrorCode is IoErrData or IoErrCorruptFs;

    private static string Describe(SqliteException exception) => exception.SqliteErrorCode switch
    {
        _ when IsDamage(exception) => string.Create(
            CultureInfo.InvariantCulture,
            $"The store's file is damaged, or is no Sqlite database (code {exception.SqliteExtendedErrorCode}). Stop the server, and restore the file from a backup."),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "The store's file is locked by another process.",
        raw.SQLITE_FULL => "The store's disk is full.",
        raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_READONLY => "The store's file cannot be opened for writing.",
        raw.SQLITE_IOERR => "The store's disk failed.",
        var code => $"The store's database failed with code {code}.",
    };
}
