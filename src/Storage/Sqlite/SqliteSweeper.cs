using GenAI.Chats.Storage.Sqlite.Rows;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>
/// Removes what isn't needed anymore, on the writer's thread, between commits: chats that have expired, and turns that no chat has. When turns were
/// removed, their bytes are removed from the write-ahead log, too.
/// </summary>
internal sealed class SqliteSweeper(TimeProvider time)
{
    private const int MaxExpired = 100;

    private volatile bool _isRequested = true;
    private bool _hasRemoved;
    private bool _mayTruncate;

    /// <summary>Requests that expired chats and bytes in the write-ahead log are removed after the next commit. Other work needs no request.</summary>
    public void Request() => _isRequested = true;

    /// <summary>Does a part of the work.</summary>
    /// <returns>False if there might be more.</returns>
    public bool Sweep(SqliteSession session)
    {
        if (_isRequested)
        {
            _mayTruncate = true;
            _isRequested = false;
            if (RemoveExpired(session) is > 0 and var removed)
            {
                _isRequested |= removed == MaxExpired;
                return false;
            }
        }

        if (LogSweeps.Any(session))
        {
            session.BeginWrite();
            LogSweeps.Sweep(session);
            session.Commit();
            _hasRemoved = true;
            return false;
        }

        if (_hasRemoved && _mayTruncate)
        {
            // A reader of an earlier instant prevents it. Then it is tried again after the next request.
            _hasRemoved = !session.TryTruncateLog();
        }

        _mayTruncate = false;
        return true;
    }

    private int RemoveExpired(SqliteSession session)
    {
        if (ChatRows.FindExpired(session, time.GetUtcNow(), 1).Count == 0)
        {
            return 0;
        }

        session.BeginWrite();
        var chats = ChatRows.FindExpired(session, time.GetUtcNow(), MaxExpired);
        chats.ForEach(chat => ChatRows.Delete(session, chat));
        session.Commit();
        return chats.Count;
    }
}
