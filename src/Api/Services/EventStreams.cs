using Grpc.AspNetCore.Server.Model;

namespace GenAI.Chats.Api.Services;

/// <summary>Binds the methods that stream events. They write encoded events: each event is encoded once for all clients.</summary>
internal sealed class EventStreams : IServiceMethodProvider<ChatsService>
{
    private static readonly Marshaller<byte[]> Encoded = Marshallers.Create<byte[]>(
        static (bytes, context) => context.Complete(bytes), static _ => throw new NotSupportedException("Clients don't send events."));

    /// <inheritdoc/>
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<ChatsService> context)
    {
        Add<SendMessageRequest>(context, nameof(ChatsService.SendMessageStream), static (service, request, stream, call) => service.SendMessageStream(request, stream, call));
        Add<ReadTurnRequest>(context, nameof(ChatsService.ReadTurn), static (service, request, stream, call) => service.ReadTurn(request, stream, call));
        Add<WatchChatRequest>(context, nameof(ChatsService.WatchChat), static (service, request, stream, call) => service.WatchChat(request, stream, call));
    }

    private static void Add<TRequest>(
        ServiceMethodProviderContext<ChatsService> context, string name, ServerStreamingServerMethod<ChatsService, TRequest, byte[]> call)
        where TRequest : class, IMessage<TRequest>, new()
    {
        var request = CheckingBinder.Checked(Marshallers.Create<TRequest>(static message => message.ToByteArray(), new MessageParser<TRequest>(static () => new()).ParseFrom));
        var method = new Method<TRequest, byte[]>(MethodType.ServerStreaming, V1.Chats.Descriptor.FullName, name, request, Encoded);
        context.AddServerStreamingMethod(method, [new HttpMethodMetadata([HttpMethods.Post], acceptCorsPreflight: true)], call);
    }
}
