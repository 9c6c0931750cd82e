using GenAI.Chats.Api.Turns;
using GenAI.Chats.Engine.Errors;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace GenAI.Chats.Api.Errors;

/// <summary>Turns what a call throws into a status, so that no other text of an exception than that for clients leaves the server.</summary>
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
            throw Translate(error, context);
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
            throw Translate(error, context);
        }
    }

    private RpcException Translate(Exception error, ServerCallContext context)
    {
        switch (error)
        {
            case ChatException chat:
                return RpcErrors.From(chat);
            case ChatConflictException:
                return RpcErrors.Unavailable("CHAT_MOVED", "The chat is being written elsewhere.");
            case CallerGoneException:
            case var _ when context.CancellationToken.IsCancellationRequested:
                // Nobody hears this: the client has gone, or its deadline has passed.
                return new RpcException(Status.DefaultCancelled);
            default:
                ErrorLog.CallFailed(logger, context.Method, error);
                return RpcErrors.Internal();
        }
    }
}
