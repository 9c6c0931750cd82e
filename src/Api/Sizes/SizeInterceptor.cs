using Grpc.Core.Interceptors;

namespace GenAI.Chats.Api.Sizes;

/// <summary>Keeps messages to gRPC clients within the clients' limits. Without it, a client with gRPC's default limit couldn't read a chat with one large picture.</summary>
internal sealed class SizeInterceptor : Interceptor
{
    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var response = await continuation(request, context);
        if (response is not IMessage message || ReceiveLimit.IfExceeded(context, message.CalculateSize()) is not { } limit)
        {
            return response;
        }

        // The chat can hold the same instance.
        var copy = ((IDeepCloneable<TResponse>)message).Clone();
        PartOmission.Shorten((IMessage)copy, limit);
        return copy;
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        continuation(request, responseStream is IServerStreamWriter<byte[]> events ? (IServerStreamWriter<TResponse>)(object)new Events(events, request, context) : responseStream, context);

    // The events of a turn or a chat. Each event was encoded once for all clients.
    private sealed class Events(IServerStreamWriter<byte[]> inner, object request, ServerCallContext context) : IServerStreamWriter<byte[]>
    {
        public WriteOptions? WriteOptions
        {
            get => inner.WriteOptions;
            set => inner.WriteOptions = value;
        }

        public Task WriteAsync(byte[] message) => inner.WriteAsync(Shorten(message));

        public Task WriteAsync(byte[] message, CancellationToken cancellationToken) => inner.WriteAsync(Shorten(message), cancellationToken);

        private byte[] Shorten(byte[] message)
        {
            if (ReceiveLimit.IfExceeded(context, message.Length) is not { } limit)
            {
                return message;
            }

            IMessage next = request is WatchChatRequest ? ChatEvent.Parser.ParseFrom(message) : TurnEvent.Parser.ParseFrom(message);
            PartOmission.Shorten(next, limit);
            return next.ToByteArray();
        }
    }
}
