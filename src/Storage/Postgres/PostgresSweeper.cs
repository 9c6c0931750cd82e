using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Postgres.Connections;
using GenAI.Chats.Storage.Postgres.Rows;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Deletes the logs of deleted chats, in the background and one part at a time.</summary>
internal sealed class PostgresSweeper(PostgresRunner runner, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;
    private bool _isRunning;
    private bool _isAskedFor;
    private bool _isClosed;

    /// <summary>Ensures that the logs that are there now will be deleted.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            _isAskedFor = true;
            if (!_isRunning && !_isClosed)
            {
                _isRunning = true;
                _running = Task.Run(RunAsync);
            }
        }
    }

    /// <summary>Waits for the part that is being deleted.</summary>
    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (_lock)
        {
            _isClosed = true;
            running = _running;
        }

        await running.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        while (GoOn())
        {
            try
            {
                while (await runner.StepAsync(DeletedLogs.SweepAsync).ConfigureAwait(false) && !IsClosed())
                {
                }
            }
            catch (ChatStoreException exception)
            {
                PostgresLog.SweepFailed(logger, exception);
            }
        }
    }

    private bool GoOn()
    {
        lock (_lock)
        {
            _isRunning = _isAskedFor && !_isClosed;
            _isAskedFor = false;
            return _isRunning;
        }
    }

    private bool IsClosed()
    {
        lock (_lock)
        {
            return _isClosed;
        }
    }
}
