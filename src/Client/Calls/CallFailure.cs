using GenAI.Chats.V1;
using Google.Rpc;
using Grpc.Core;

namespace GenAI.Chats.Client.Calls;

/// <summary>Why a call or a turn failed.</summary>
/// <param name="Status">The status.</param>
/// <param name="Message">A sentence for people.</param>
internal sealed record CallFailure(StatusCode Status, string Message)
{
    private const string Domain = "chats.genai";
    private const string TurnIdKey = "turn_id";
    private const string RevisionKey = "revision";
    private const string RevisionMismatch = "REVISION_MISMATCH";
    private const string TurnNotFound = "TURN_NOT_FOUND";

    /// <summary>The service's word for it. Null: the service did not speak, the way to it failed.</summary>
    public string? Reason { get; init; }

    public TimeSpan? RetryDelay { get; init; }

    /// <summary>The turn that failed, if it is one.</summary>
    public string? TurnId { get; init; }

    public long? CurrentRevision { get; init; }

    public Exception? Cause { get; init; }

    /// <summary>Whether the model, and not the call, is what failed.</summary>
    public bool IsOfTurn => Reason is not null && TurnId is not null;

    /// <summary>Whether the chat says that it has no such turn.</summary>
    public bool IsTurnMissing => Reason == TurnNotFound;

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsPassing => Reason is null
        ? Status is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown or StatusCode.Cancelled
        : Status is StatusCode.Unavailable || RetryDelay is not null;

    /// <summary>Reads a status with its details.</summary>
    public static CallFailure From(RpcException error)
    {
        if (ClientTls.Fault(error.Status.DebugException) is { } fault)
        {
            // For gRPC the service is unavailable then, but no other attempt mends it.
            return new CallFailure(StatusCode.Unauthenticated, fault) { Cause = error };
        }

        var failure = new CallFailure(error.StatusCode, error.Status.Detail) { Cause = error };

        // Details that can't be parsed come from a proxy; the status itself has to do.
        var details = error.Trailers.GetRpcStatus(ignoreParseError: true);
        failure = failure with { RetryDelay = details?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan() };
        return details?.GetDetail<ErrorInfo>() is { Domain: Domain } info
            ? failure with
            {
                Reason = info.Reason,
                TurnId = info.Metadata.TryGetValue(TurnIdKey, out var turnId) ? turnId : null,
                CurrentRevision = info.Metadata.TryGetValue(RevisionKey, out var text) && long.TryParse(text, out var revision) ? revision : null,
            }
            : failure;
    }

    /// <summary>Why a turn ended without an answer.</summary>
    public static CallFailure From(Turn ended) => ended.State == Turn.Types.State.Cancelled
        ? new(StatusCode.Cancelled, "The turn was cancelled.") { Reason = "TURN_CANCELLED", TurnId = ended.TurnId }
        : new((StatusCode)(ended.Error?.Code ?? (int)StatusCode.Unknown), ended.Error?.Message ?? "The turn failed.")
        {
            Reason = ended.Error?.Reason ?? "",
            TurnId = ended.TurnId,
            RetryDelay = ended.Error?.RetryDelay?.ToTimeSpan(),
        };

    /// <summary>The exception that a program gets.</summary>
    public ChatException ToException(string? requestId, Turn? turn = null) => this switch
    {
        { IsOfTurn: true } => new TurnException(this, requestId, turn),
        { Reason: RevisionMismatch, CurrentRevision: { } revision } => new RevisionMismatchException(this, requestId, revision),
        _ => new ChatException(this, requestId),
    };
}
