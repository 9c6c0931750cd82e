using GenAI.Chats.Engine.Errors;

namespace GenAI.Chats.Api.Errors;

/// <summary>Converts exceptions to statuses, so that only texts for clients leave the server.</summary>
internal static class ExceptionStatus
{
    /// <summary>Returns the status for an exception of a call.</summary>
    /// <param name="failure">The exception.</param>
    /// <param name="request">The request of the call.</param>
    /// <param name="context">The call.</param>
    /// <param name="logger">The logger for defects of this server.</param>
    public static RpcException Of(Exception failure, object request, ServerCallContext context, ILogger logger)
    {
        switch (failure)
        {
            case RpcException error:
                return error;
            case ChatException chat:
                return RpcErrors.From(chat, ChatName(request));
            case ChatConflictException:
                return RpcErrors.Unavailable("CHAT_MOVED", "Another server is writing to the chat. Retry with the same request_id.");
            case CallerGoneException:
            case var _ when context.CancellationToken.IsCancellationRequested:
                // This status reaches no client: it has disconnected, or its deadline has passed.
                return new RpcException(Status.DefaultCancelled);
            default:
                ErrorLog.CallFailed(logger, context.Method, failure);
                return RpcErrors.Internal();
        }
    }

    private static string? ChatName(object request) => request switch
    {
        UpdateChatRequest update => update.Chat?.Name,
        IMessage message => message.Descriptor.FindFieldByName("name")?.Accessor.GetValue(message) as string,
        _ => null,
    };
}
