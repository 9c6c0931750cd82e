namespace GenAI.Chats.Api.Files;

/// <summary>
/// Looks for changed files every two seconds. By reading them: what watches a directory for events does not see that a link above it points elsewhere now,
/// which is how Kubernetes changes the files of a secret. All of them together are a few kilobytes.
/// </summary>
internal sealed class Reloader(IEnumerable<IReloadable> reloadables, TimeProvider time, ILogger<Reloader> logger) : BackgroundService
{
    /// <summary>How long a change may go unnoticed.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly IReloadable[] _reloadables = [.. reloadables];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var reloadable in _reloadables)
                {
                    Reload(reloadable);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    // A defect in one must not end the server, nor the looking.
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
