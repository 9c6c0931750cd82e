using GenAI.Chats.Engine.Storage;
using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Storage;

/// <summary>
/// Makes the store ready before anything else of the host starts, so that a store that cannot be reached stops the start with its own
/// words.
/// </summary>
internal sealed class ChatStoreStarter(IChatStore store) : IHostedLifecycleService
{
    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => store.InitializeAsync(cancellationToken);

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
