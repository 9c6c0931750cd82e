using Google.Rpc;

namespace GenAI.Chats.Engine.Errors;

/// <summary>The errors that a chat answers with, each in one place with its reason.</summary>
internal static class ChatErrors
{
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(1);

    public static ChatException ChatNotFound(string chatId) =>
        new(Code.NotFound, "CHAT_NOT_FOUND", $"There is no chat chats/{chatId}.");

    public static ChatException ChatExists(string chatId) =>
        new(Code.AlreadyExists, "CHAT_EXISTS", $"There is a chat chats/{chatId} already.") { Field = "chat_id" };

    public static ChatException TurnNotFound(string turnId) =>
        new(Code.NotFound, "TURN_NOT_FOUND", $"The chat has no turn {turnId}.");

    public static ChatException RequestIdReused() =>
        new(Code.InvalidArgument, "REQUEST_ID_REUSED", "request_id was used before, for a request that asked for something else.") { Field = "request_id" };

    public static ChatException UnknownModel(string model, string field) =>
        new(Code.InvalidArgument, "UNKNOWN_MODEL", $"No route of Models:Routes takes the model {model}.") { Field = field };

    public static ChatException RevisionMismatch(long expected, long current) =>
        new(Code.Aborted, "REVISION_MISMATCH", $"The chat is at revision {current}, not {expected}.") { Field = "expected_revision", CurrentRevision = current };

    public static ChatException Busy() =>
        new(Code.FailedPrecondition, "CHAT_BUSY", "A turn is queued or running.") { Field = "on_busy" };

    public static ChatException QueueFull(int maxQueuedTurns) =>
        new(Code.ResourceExhausted, "QUEUE_FULL", $"{maxQueuedTurns} turns wait already, as many as may (Chats:MaxQueuedTurns).") { RetryDelay = SoonAgain };

    public static ChatException QueueFull(long maxBytes) =>
        new(Code.ResourceExhausted, "QUEUE_FULL", $"The turns that wait would have more than {maxBytes} bytes, as many as they may have (Chats:MaxQueuedBytes).")
        {
            RetryDelay = SoonAgain,
        };

    public static ChatException TooManyTurns(long maxTurns) =>
        new(Code.ResourceExhausted, "HISTORY_FULL", $"The history has {maxTurns} turns, as many as it may have (Chats:MaxTurns).");

    public static ChatException HistoryTooLarge(long maxBytes) =>
        new(Code.ResourceExhausted, "HISTORY_FULL", $"The chat would have more than {maxBytes} bytes, as many as it may have (Chats:MaxHistoryBytes).");

    /// <param name="message">The field with the message.</param>
    /// <param name="mismatch">Why its function responses do not fit.</param>
    public static ChatException FunctionResponseMismatch(string message, ResponseMismatch mismatch)
    {
        var field = mismatch.Part is not { } part ? message
            : mismatch.Member.Length == 0 ? $"{message}.parts[{part}].function_response"
            : $"{message}.parts[{part}].function_response.{mismatch.Member}";
        return new ChatException(Code.InvalidArgument, "FUNCTION_RESPONSE_MISMATCH", $"{field} {mismatch.Rule}.") { Field = field };
    }

    public static ChatException PageToken() =>
        new(Code.InvalidArgument, "INVALID_PAGE_TOKEN", "page_token is none that this list gave for these arguments.") { Field = "page_token" };

    public static ChatException Filter(int position) =>
        new(Code.InvalidArgument, "INVALID_FILTER", $"filter is not labels.KEY = \"VALUE\" (AND ...): see its character {position + 1}.") { Field = "filter" };

    public static ChatException FilterTooLong(string max) =>
        new(Code.InvalidArgument, "INVALID_FILTER", $"filter must have at most {max}.") { Field = "filter" };

    /// <summary>A read of the store took too long.</summary>
    public static ChatException StoreTimeout() =>
        new(Code.DeadlineExceeded, "STORE_TIMEOUT", "The request needs more data than the server can read in time. Ask for less, such as a smaller page.");

    /// <summary>The store failed; that may pass.</summary>
    public static ChatException StoreUnavailable() =>
        new(Code.Unavailable, "STORE_UNAVAILABLE", "The store of the chats does not answer. With the same request_id the request can be sent again.") { RetryDelay = SoonAgain };

    /// <summary>The data in the store is damaged.</summary>
    public static ChatException StoreDamaged() =>
        new(Code.DataLoss, "STORE_DAMAGED", "The stored data is damaged. Retrying doesn't help; the service's operator has to restore it.");

    public static ChatException Stopping() =>
        new(Code.Unavailable, "SERVER_STOPPING", "The server is stopping. The turn goes on elsewhere; ReadTurn gets it.") { RetryDelay = SoonAgain };
}
