using System.Threading.Channels;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Postgres.Connections;
using GenAI.Chats.Storage.Postgres.Rows;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Deletes the logs of deleted chats, in the background and one part at a time.</summary>
internal sealed class PostgresSweeper : IAsyncDisposable
{
    private readonly PostgresRunner _runner;
    private readonly ILogger _logger;

    // One request is enough for all logs that are there when it is taken.
    private readonly Channel<bool> _requests = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Task _running;
    private volatile bool _isClosed;

    public PostgresSweeper(PostgresRunner runner, ILogger logger)
    {
        (_runner, _logger) = (runner, logger);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Ensures that the logs that are there now will be deleted.</summary>
    public void Sweep() => _requests.Writer.TryWrite(true);

    /// <summary>Waits for the part that is being deleted.</summary>
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
                while (!_isClosed && await _runner.StepAsync(DeletedLogs.SweepAsync).ConfigureAwait(false))
                {
                }
            }
            catch (ChatStoreException exception)
            {
                PostgresLog.SweepFailed(_logger, exception);
            }
        }
    }
}
