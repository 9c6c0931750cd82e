using GenAI.Chats.Engine.Sessions;

namespace GenAI.Chats.Api.Hosting;

/// <summary>
/// Closes the connections that are still open a few seconds after the turns have drained. By then, the server has answered every call. The remaining clients
/// don't read their responses, or keep endless streams open, and would delay the shutdown until the host's timeout.
/// </summary>
internal sealed class LastCall : IDisposable
{
    // For responses that are being sent. A read from another silo can take 5 s of it. The silo, the heartbeats, and the store need the rest of the host's timeout.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(6);

    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenRegistration _released;

    public LastCall(ServerState server, TimeProvider time)
    {
        _over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _released = server.Release.Register(() => _over.CancelAfter(Grace));
    }

    /// <summary>Gets a token that is cancelled when the remaining connections must be closed.</summary>
    public CancellationToken Over => _over.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _released.Dispose();
        _over.Dispose();
    }
}
