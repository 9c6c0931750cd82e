using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Sessions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Grains.Hosting;

/// <summary>
/// Ends this server's turns when the host stops, before the web server and the silo do: those that run get their time, while reads go on
/// being answered; then all waits end, and what still runs is released for other servers.
/// </summary>
internal sealed class Drain(ServerState server, IOptions<ChatsOptions> options, TimeProvider time, ILogger<Drain> logger) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var idle = server.BeginDrain();
        try
        {
            await idle.WaitAsync(options.Value.DrainTimeout, time, cancellationToken);
        }
        catch (Exception over) when (over is TimeoutException or OperationCanceledException)
        {
            HostingLog.DrainOver(logger);
        }

        await server.ReleaseAllAsync().WaitAsync(cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
