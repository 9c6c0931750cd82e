using GenAI.Chats.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Removes what deleted chats left behind, in the background and one piece at a time.</summary>
internal sealed class PostgresSweeper(PostgresRunner runner, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;
    private bool _isRunning;
    private bool _isAskedFor;
    private bool _isClosed;

    /// <summary>Sees to it that what is there now will be removed.</summary>
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

    /// <summary>Waits for the piece that is being removed.</summary>
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
                while (await runner.StepAsync(DeletedChats.SweepAsync).ConfigureAwait(false) && !IsClosed())
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
