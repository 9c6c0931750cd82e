namespace GenAI.Chats.Grains.Hosting;

/// <summary>
/// Ends this server's turns when the host stops, before the web server and the silo stop. Running turns get the drain timeout, while reads are still served.
/// Then all waits end, and the remaining turns are handed off to other servers.
/// </summary>
internal sealed class Drain(ServerState server, IOptions<ChatsOptions> options, ILogger<Drain> logger) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var idle = server.BeginDrain();
        try
        {
            await idle.WaitAsync(options.Value.DrainTimeout, server.Time, cancellationToken);
        }
        catch (Exception over) when (over is TimeoutException or OperationCanceledException)
        {
            HostingLog.DrainOver(logger, options.Value.DrainTimeout, server.Running);
        }

        await server.ReleaseAllAsync().WaitAsync(cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
