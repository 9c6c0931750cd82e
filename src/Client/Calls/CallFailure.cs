using Google.Rpc;

namespace GenAI.Chats.Client;

/// <summary>The failure of a call or a turn.</summary>
/// <param name="Status">The status.</param>
/// <param name="Message">The message for people.</param>
internal sealed record CallFailure(StatusCode Status, string Message)
{
    private const string Domain = "genai.chats.v1";
    private const string TurnIdKey = "turn_id";
    private const string RevisionKey = "revision";
    private const string RevisionMismatch = "REVISION_MISMATCH";
    private const string TurnNotFound = "TURN_NOT_FOUND";

    /// <summary>The service's error reason. Null if the failure isn't from the service: the connection failed.</summary>
    public string? Reason { get; init; }

    public TimeSpan? RetryDelay { get; init; }

    /// <summary>The turn that failed, if the failure is that of a turn.</summary>
    public string? TurnId { get; init; }

    public long? CurrentRevision { get; init; }

    public Exception? Cause { get; init; }

    /// <summary>Whether the turn failed, rather than the call.</summary>
    public bool IsOfTurn => Reason is not null && TurnId is not null;

    /// <summary>Whether the chat has no such turn.</summary>
    public bool IsTurnMissing => Reason == TurnNotFound;

    /// <summary>Whether the same request might succeed later.</summary>
    public bool IsTransient => Reason is null
        ? Status is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown or StatusCode.Cancelled
        : Status is StatusCode.Unavailable || RetryDelay is not null;

    /// <summary>Reads a status with its details.</summary>
    public static CallFailure From(RpcException error)
    {
        if (ClientTls.Fault(error.Status.DebugException) is { } fault)
        {
            // gRPC reports the service as unavailable, but a retry doesn't help.
            return new CallFailure(StatusCode.Unauthenticated, fault) { Cause = error };
        }

        // Details that can't be parsed come from a proxy. The status itself is used then.
        var details = error.Trailers.GetRpcStatus(ignoreParseError: true);
        var info = details?.GetDetail<ErrorInfo>() is { Domain: Domain } own ? own : null;

        // Headers have room for a short message only.
        var message = info is not null && details!.Message.Length > error.Status.Detail.Length ? details.Message : error.Status.Detail;
        return new CallFailure(error.StatusCode, message)
        {
            Cause = error,
            Reason = info?.Reason,
            RetryDelay = details?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan(),
            TurnId = info?.Metadata.GetValueOrDefault(TurnIdKey),
            CurrentRevision = long.TryParse(info?.Metadata.GetValueOrDefault(RevisionKey), out var revision) ? revision : null,
        };
    }

    /// <summary>Reads the failure of a turn that ended without completing.</summary>
    public static CallFailure From(Turn ended) => ended.State == Turn.Types.State.Cancelled
        ? new(StatusCode.Cancelled, "The turn was canceled.") { Reason = "TURN_CANCELLED", TurnId = ended.TurnId }
        : new((StatusCode)(ended.Error?.Code ?? (int)StatusCode.Unknown), ended.Error?.Message ?? "The turn failed.")
        {
            Reason = ended.Error?.Reason ?? "",
            TurnId = ended.TurnId,
            RetryDelay = ended.Error?.RetryDelay?.ToTimeSpan(),
        };

    /// <summary>Creates the exception for the caller.</summary>
    public ChatException ToException(string? requestId, Turn? turn = null) => this switch
    {
        { IsOfTurn: true } => new TurnException(this, requestId, turn),
        { Reason: RevisionMismatch, CurrentRevision: { } revision } => new RevisionMismatchException(this, requestId, revision),
        _ => new ChatException(this, requestId),
    };
}
