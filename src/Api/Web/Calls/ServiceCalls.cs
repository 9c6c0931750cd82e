using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Telemetry;
using GenAI.Chats.Api.Validation;

namespace GenAI.Chats.Api.Web.Calls;

/// <summary>
/// Calls the methods of the service for web endpoints, with the same checks, errors, and telemetry as the gRPC server. A failed call throws
/// <see cref="RpcException"/>.
/// </summary>
internal sealed class ServiceCalls(ChatsService service, CallInterceptor interceptor)
{
    /// <summary>Calls a method that returns one message.</summary>
    /// <param name="select">Returns the method.</param>
    /// <param name="request">The request.</param>
    /// <param name="call">The context of the call.</param>
    public Task<TResponse> CallAsync<TRequest, TResponse>(Func<ChatsService, UnaryServerMethod<TRequest, TResponse>> select, TRequest request, WebCall call)
        where TRequest : class, IMessage
        where TResponse : class
    {
        NestingRule.Check(request.ToByteArray(), request.Descriptor);
        return interceptor.UnaryServerHandler(request, call, select(service));
    }

    /// <summary>Calls a method that streams encoded events.</summary>
    /// <param name="select">Returns the method.</param>
    /// <param name="request">The request.</param>
    /// <param name="events">Receives the events.</param>
    /// <param name="call">The context of the call.</param>
    public Task StreamAsync<TRequest>(
        Func<ChatsService, ServerStreamingServerMethod<TRequest, byte[]>> select, TRequest request, IServerStreamWriter<byte[]> events, WebCall call)
        where TRequest : class, IMessage
    {
        NestingRule.Check(request.ToByteArray(), request.Descriptor);
        return interceptor.ServerStreamingServerHandler(request, events, call, select(service));
    }
}
