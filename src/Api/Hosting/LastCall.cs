using GenAI.Chats.Engine.Sessions;

namespace GenAI.Chats.Api.Hosting;

/// <summary>
/// Cuts the connections that are still open a while after the turns have drained. By then every call has been answered: what is left are clients that do not
/// read their answers, or keep a stream open that has no end, and a server that stops would wait for them until the host loses patience.
/// </summary>
internal sealed class LastCall : IDisposable
{
    // For answers that are on their way; a read of a chat on another silo may take 5 s of it. The silo, the beats and the store want the rest of the host's time.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(6);

    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenRegistration _released;

    public LastCall(ServerState server, TimeProvider time)
    {
        _over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _released = server.Release.Register(() => _over.CancelAfter(Grace));
    }

    /// <summary>Cancelled when no connection is to be waited for any more.</summary>
    public CancellationToken Over => _over.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _released.Dispose();
        _over.Dispose();
    }
}
