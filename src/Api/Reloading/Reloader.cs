namespace GenAI.Chats.Api.Reloading;

/// <summary>
/// Checks for changed files every two seconds, by reading them. File system events don't report that a symbolic link above a file changes, which is how
/// Kubernetes updates the files of a secret. All files together have a few kilobytes.
/// </summary>
internal sealed class Reloader(IEnumerable<IReloadable> reloadables, TimeProvider time, ILogger<Reloader> logger) : BackgroundService
{
    /// <summary>The time between two checks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly IReloadable[] _reloadables = [.. reloadables];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Array.ForEach(_reloadables, Reload);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    // An unexpected exception ends neither the server nor the checks.
    private void Reload(IReloadable reloadable)
    {
        try
        {
            reloadable.Reload();
        }
        catch (Exception failure)
        {
            ReloadLog.Failed(logger, reloadable.GetType().Name, failure);
        }
    }
}
