using Grpc.Net.Client;

namespace GenAI.Chats.Client.Calls;

/// <summary>Opens connections.</summary>
internal static class Channels
{
    /// <summary>A channel that notices when the other end is gone without a word, and that takes answers of any size.</summary>
    /// <exception cref="ArgumentException">A file of the options cannot be read.</exception>
    public static GrpcChannel Open(ChatsClientOptions options) => GrpcChannel.ForAddress(options.Address, new GrpcChannelOptions
    {
        MaxReceiveMessageSize = null,
        DisposeHttpClient = true,

        // Calls fail with what the channel met last until it tries to connect again: no later than the client's own next attempt.
        InitialReconnectBackoff = options.InitialBackoff,
        MaxReconnectBackoff = options.MaxBackoff,
        HttpHandler = new SocketsHttpHandler
        {
            SslOptions = ClientTls.Create(options),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(20),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        },
    });
}
