using Grpc.Net.Client;

namespace GenAI.Chats.Client;

/// <summary>Opens channels.</summary>
internal static class Channels
{
    /// <summary>Opens a channel that detects dead connections and accepts responses of any size.</summary>
    /// <exception cref="ArgumentException">A file of the options can't be read.</exception>
    public static GrpcChannel Open(ChatsClientOptions options) => GrpcChannel.ForAddress(options.Address, new GrpcChannelOptions
    {
        MaxReceiveMessageSize = null,
        DisposeHttpClient = true,

        // Until the channel reconnects, calls fail with its last error, so it must reconnect no later than the client's own next attempt.
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
