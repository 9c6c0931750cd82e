using Google.Protobuf;
using Grpc.Core.Interceptors;

namespace GenAI.Chats.Client;

/// <summary>
/// Adds a header with the name of the chat. A proxy that can't read the message can use it to route all calls of a chat to the same server, which saves a hop.
/// Nothing depends on it.
/// </summary>
internal sealed class ChatNameHeader : Interceptor
{
    /// <summary>The name of the header.</summary>
    public const string Name = "x-chat-name";

    private const string NameField = "name";

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, WithName(request, context));

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, WithName(request, context));

    private static ClientInterceptorContext<TRequest, TResponse> WithName<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class
    {
        // A name that isn't valid in a header isn't the name of a chat.
        if ((request as IMessage)?.Descriptor.FindFieldByName(NameField)?.Accessor.GetValue((IMessage)request) is string { Length: > 0 } name
            && name.All(letter => letter is > ' ' and <= '~'))
        {
            // ChatsCalls creates the headers for each attempt.
            context.Options.Headers!.Add(Name, name);
        }

        return context;
    }
}
