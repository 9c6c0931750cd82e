using GenAI.Chats.Engine.Errors;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace GenAI.Chats.Api.Errors;

/// <summary>Converts exceptions to statuses, so that only texts for clients leave the server.</summary>
internal sealed class ErrorInterceptor(ILogger<ErrorInterceptor> logger) : Interceptor
{
    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception error) when (error is not RpcException)
        {
            throw Translate(error, request, context);
        }
    }

    /// <inheritdoc/>
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception error) when (error is not RpcException)
        {
            throw Translate(error, request, context);
        }
    }

    private RpcException Translate(Exception error, object request, ServerCallContext context)
    {
        switch (error)
        {
            case ChatException chat:
                return RpcErrors.From(chat, ChatName(request));
            case ChatConflictException:
                return RpcErrors.Unavailable("CHAT_MOVED", "Another server is writing to the chat. Retry with the same request_id.");
            case CallerGoneException:
            case var _ when context.CancellationToken.IsCancellationRequested:
                // This status reaches no client: it has disconnected, or its deadline has passed.
                return new RpcException(Status.DefaultCancelled);
            default:
                ErrorLog.CallFailed(logger, context.Method, error);
                return RpcErrors.Internal();
        }
    }

    private static string? ChatName(object request) => request switch
    {
        V1.UpdateChatRequest update => update.Chat?.Name,
        IMessage message => message.Descriptor.FindFieldByName("name")?.Accessor.GetValue(message) as string,
        _ => null,
    };
}
