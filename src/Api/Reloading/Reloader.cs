namespace GenAI.Chats.Api.Reloading;

/// <summary>
/// Checks for changed files every two seconds, by reading them. File system events don't report that a symbolic link above a file changes, which is how
/// Kubernetes updates the files of a secret. All files together have a few kilobytes.
/// </summary>
internal sealed partial class Reloader(IEnumerable<IReloadable> reloadables, TimeProvider time, ILogger<Reloader> logger) : BackgroundService
{
    /// <summary>The time between two checks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly IReloadable[] _reloadables = [.. reloadables];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Array.ForEach(_reloadables, Reload);
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
            ReloadFailed(reloadable.GetType().Name, failure);
        }
    }

    [LoggerMessage(340, LogLevel.Error, "Unexpected error while checking files for {What}.")]
    private partial void ReloadFailed(string what, Exception exception);
}
