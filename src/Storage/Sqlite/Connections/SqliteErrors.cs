using SQLitePCL;

namespace GenAI.Chats.Storage.Sqlite.Connections;

/// <summary>Describes failures of SQLite for operators.</summary>
internal static class SqliteErrors
{
    private const int IoErrData = raw.SQLITE_IOERR | (32 << 8);
    private const int IoErrCorruptFs = raw.SQLITE_IOERR | (33 << 8);

    /// <summary>Creates a new exception for each caller.</summary>
    public static ChatStoreException Translate(Exception exception) => new(
        exception switch
        {
            SqliteException sqlite => Describe(sqlite),
            InvalidProtocolBufferException => "A record in the database is damaged.",
            ChatStoreException store => store.Message,
            IOException or UnauthorizedAccessException => $"The database file can't be opened: {exception.Message}",
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

    // Detected by SQLite, by the file system, or by checksums below it.
    private static bool IsDamage(SqliteException exception) =>
        exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
        || exception.SqliteExtendedErrorCode is IoErrData or IoErrCorruptFs;

    private static string Describe(SqliteException exception) => exception.SqliteErrorCode switch
    {
        _ when IsDamage(exception) => string.Create(
            CultureInfo.InvariantCulture,
            $"The file isn't a SQLite database or is corrupted (code {exception.SqliteExtendedErrorCode}). Stop the server, and restore the file from a backup."),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "The database file is locked by another process.",
        raw.SQLITE_FULL => "The disk is full.",
        raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_READONLY => "The database file can't be opened for writing.",
        raw.SQLITE_IOERR => "The disk failed.",
        var code => $"SQLite failed with code {code}.",
    };
}
