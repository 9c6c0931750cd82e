using System.Threading.Channels;
using GenAI.Chats.Storage.Postgres.Rows;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Removes what isn't needed anymore, in the background and one part at a time: chats that have expired, and turns that no chat has.</summary>
internal sealed class PostgresSweeper : IAsyncDisposable
{
    private const int MaxExpired = 100;

    private readonly PostgresRunner _runner;
    private readonly ILogger _logger;

    // One request is enough for all work that is there when it is taken.
    private readonly Channel<bool> _requests = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Task _running;
    private volatile bool _isClosed;

    public PostgresSweeper(PostgresRunner runner, ILogger logger)
    {
        (_runner, _logger) = (runner, logger);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Ensures that the work that is there now will be done.</summary>
    public void Sweep() => _requests.Writer.TryWrite(true);

    /// <summary>Waits for the part that is being done.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        _requests.Writer.TryComplete();
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        await foreach (var _ in _requests.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                while (!_isClosed
                    && (await _runner.StepAsync(RemoveExpiredAsync).ConfigureAwait(false) || await _runner.StepAsync(LogSweeps.SweepAsync).ConfigureAwait(false)))
                {
                }
            }
            catch (ChatStoreException exception)
            {
                PostgresLog.SweepFailed(_logger, exception);
            }
        }
    }

    // Returns false if no chat has expired, or other processes are removing them.
    private static async Task<bool> RemoveExpiredAsync(PostgresSession session)
    {
        var batch = session.BeginStep();
        var chats = ChatRows.LockExpired(batch, MaxExpired);
        await session.RunAsync(batch).ConfigureAwait(false);
        if (!chats.Any)
        {
            return false;
        }

        // A statement of its own deletes them, because a turn might have been added before they were locked.
        batch = session.Batch();
        ChatRows.DeleteExpired(batch, [.. chats.All]);
        await session.CommitAsync(batch).ConfigureAwait(false);
        return true;
    }
}
