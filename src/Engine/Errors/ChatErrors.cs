namespace GenAI.Chats.Engine.Errors;

/// <summary>The errors that a chat answers with, each in one place with its reason.</summary>
internal static class ChatErrors
{
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(1);

    public static ChatException ChatNotFound(string chatId) => New(Code.NotFound, "CHAT_NOT_FOUND", $"Chat 'chats/{chatId}' not found.", null, ("name", $"chats/{chatId}"));

    public static ChatException ChatExists(string chatId) =>
        New(Code.AlreadyExists, "CHAT_EXISTS", $"Chat 'chats/{chatId}' already exists.", "chat_id", ("name", $"chats/{chatId}"));

    public static ChatException TurnNotFound(string turnId) => New(Code.NotFound, "TURN_NOT_FOUND", $"Turn '{turnId}' not found in the chat.", null, ("turn", turnId));

    public static ChatException RequestNotFound(string requestId) =>
        New(Code.NotFound, "TURN_NOT_FOUND", $"Turn with request ID '{requestId}' not found in the chat.", null, ("request_id", requestId));

    public static ChatException RequestIdReused() => New(
        Code.InvalidArgument,
        "REQUEST_ID_REUSED",
        "request_id was already used for a different request. Use a new request_id, or send the same message and config.",
        "request_id");

    public static ChatException UnknownModel(string model, string field) =>
        New(Code.InvalidArgument, "UNKNOWN_MODEL", $"Model '{model}' is not available on this server.", field, ("model", model));

    public static ChatException RevisionMismatch(long expected, long current) => New(
        Code.Aborted,
        "REVISION_MISMATCH",
        $"expected_revision is {expected}, but the chat is at revision {current}. Read the history and retry.",
        "expected_revision",
        ("expected_revision", expected),
        ("revision", current));

    public static ChatException Busy() => New(
        Code.FailedPrecondition,
        "CHAT_BUSY",
        "The chat is busy: a turn is queued or running. Retry later, or set on_busy to ENQUEUE, INTERRUPT, or ROLLBACK.",
        "on_busy");

    public static ChatException QueueFull(int maxQueuedTurns) => QueueFull($"{maxQueuedTurns} turns", "MaxQueuedTurns", maxQueuedTurns);

    public static ChatException QueueFull(long maxBytes) => QueueFull($"{maxBytes} bytes", "MaxQueuedBytes", maxBytes);

    public static ChatException TooManyTurns(long maxTurns) => Exhausted(
        "HISTORY_FULL", $"The chat has reached the maximum of {maxTurns} turns. Create a new chat to continue.", "MaxTurns", maxTurns, null);

    public static ChatException TooManyBranches(int maxBranches) => Exhausted(
        "TOO_MANY_BRANCHES",
        $"The chat has reached the maximum of {maxBranches} branches. Fork it, or erase branches with RewindChat.",
        "MaxBranches",
        maxBranches,
        null);

    public static ChatException RevisionNotFound(long revision, string field) => New(
        Code.NotFound, "REVISION_NOT_FOUND", $"The chat has no turn with revision {revision}.", field, ("revision", revision));

    public static ChatException TurnErased() => New(
        Code.FailedPrecondition, "TURN_ERASED", "The turn with this request_id was erased. Use a new request_id to send the message again.", "request_id");

    /// <summary>The expiry of a chat is later than the tenant's limit allows.</summary>
    public static ChatException ExpiresTooLate(string field, TimeSpan max) => New(
        Code.InvalidArgument,
        "INVALID_FIELD",
        $"{field} is too late: the chat must expire within {max.TotalSeconds} s (the limit MaxTtl of the tenant).",
        field,
        ("field", field),
        ("limit_value", max.TotalSeconds));

    /// <summary>A turn has no message, or left nothing in the history, and so can't be regenerated.</summary>
    public static ChatException NotRegenerable(string turnId) => New(
        Code.InvalidArgument,
        "INVALID_FIELD",
        "regenerate_turn_id must be the ID of a recorded turn with a message. To retry a failed turn, send it again with the same request_id.",
        "regenerate_turn_id",
        ("field", "regenerate_turn_id"),
        ("value", turnId));

    public static ChatException HistoryTooLarge(long maxBytes) => Exhausted(
        "HISTORY_FULL", $"The request would exceed the chat's maximum history size of {maxBytes} bytes.", "MaxHistoryBytes", maxBytes, null);

    /// <param name="message">The field with the message.</param>
    /// <param name="mismatch">Why its function responses do not fit.</param>
    public static ChatException FunctionResponseMismatch(string message, ResponseMismatch mismatch)
    {
        var field = mismatch.Part is not { } part ? message
            : mismatch.Member.Length == 0 ? $"{message}.parts[{part}].function_response"
            : $"{message}.parts[{part}].function_response.{mismatch.Member}";
        return New(Code.InvalidArgument, "FUNCTION_RESPONSE_MISMATCH", $"{field} {mismatch.Rule}.", field, ("field", field));
    }

    public static ChatException PageToken() =>
        New(Code.InvalidArgument, "INVALID_PAGE_TOKEN", "page_token is invalid. Use a token from a previous response to the same request.", "page_token");

    /// <summary>The store can't list tenants.</summary>
    public static ChatException TenantRequired() => New(
        Code.FailedPrecondition,
        "TENANT_REQUIRED",
        "tenant is required, because this server's storage provider can't list tenants.",
        "tenant");

    public static ChatException WatchToken() => New(
        Code.InvalidArgument,
        "INVALID_WATCH_TOKEN",
        "token is invalid. Use the token of an event of the same chat, or call WatchChat without a token.",
        "token");

    public static ChatException Filter(int position) => New(
        Code.InvalidArgument,
        "INVALID_FILTER",
        $"filter is invalid at character {position + 1}. Expected: labels.KEY = \"VALUE\" [AND ...].",
        "filter",
        ("character", position + 1));

    public static ChatException FilterTooLong(string max) => New(Code.InvalidArgument, "INVALID_FILTER", $"filter must have at most {max}.", "filter", ("maximum", max));

    /// <summary>A read of the store took too long.</summary>
    public static ChatException StoreTimeout() =>
        New(Code.DeadlineExceeded, "STORE_TIMEOUT", "The request needs more data than the server can read in time. Request less, such as a smaller page.");

    /// <summary>The store failed; a retry might succeed.</summary>
    public static ChatException StoreUnavailable() =>
        new(Code.Unavailable, "STORE_UNAVAILABLE", "The storage backend is unavailable. Retry with the same request_id.") { RetryDelay = SoonAgain };

    /// <summary>The data in the store is damaged.</summary>
    public static ChatException StoreDamaged() =>
        New(Code.DataLoss, "STORE_DAMAGED", "The stored data is damaged. Retries don't help; the service's operator must restore the data.");

    public static ChatException Stopping() =>
        new(Code.Unavailable, "SERVER_STOPPING", "The server is shutting down. Turns continue on another server. Resume the stream with ReadTurn or WatchChat.")
        {
            RetryDelay = SoonAgain,
        };

    private static ChatException QueueFull(string size, string limit, long value) =>
        Exhausted("QUEUE_FULL", $"The chat's queue is full (limit: {size}). Retry after the delay in RetryInfo.", limit, value, SoonAgain);

    private static ChatException Exhausted(string reason, string message, string limit, long value, TimeSpan? delay) =>
        new(Code.ResourceExhausted, reason, message) { RetryDelay = delay, Metadata = Values([("limit", limit), ("limit_value", value)]) };

    private static ChatException New(Code code, string reason, string message, string? field = null, params ReadOnlySpan<(string Key, object Value)> values) =>
        new(code, reason, message) { Field = field, Metadata = Values(values) };

    private static Dictionary<string, string> Values(ReadOnlySpan<(string Key, object Value)> values)
    {
        var metadata = new Dictionary<string, string>();
        foreach (var (key, value) in values)
        {
            metadata[key] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
        }

        return metadata;
    }
}
