using System.Diagnostics;
using GenAI.Chats.Engine.Errors;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using RpcStatus = Google.Rpc.Status;

namespace GenAI.Chats.Api.Errors;

/// <summary>
/// Creates the statuses that clients get: a code, a message, and the details in <c>grpc-status-details-bin</c>. The details are a google.rpc.ErrorInfo with a
/// stable reason and the message's values, BadRequest for an invalid field, RetryInfo if a retry can help, and those of <see cref="StandardDetails"/>.
/// </summary>
internal static class RpcErrors
{
    private const string StreamStalled = "STREAM_STALLED";
    private const string ServerStopping = "SERVER_STOPPING";

    /// <summary>The reason of <see cref="MessageTooLarge"/>.</summary>
    public const string MessageTooLargeReason = "MESSAGE_TOO_LARGE";

    /// <summary>The reason of <see cref="BodyTimeout"/>.</summary>
    public const string RequestTimeoutReason = "REQUEST_TIMEOUT";

    /// <summary>The reason for an HTTP body with a content type that isn't supported.</summary>
    public const string MediaTypeReason = "UNSUPPORTED_MEDIA_TYPE";

    /// <summary>The reason for an HTTP method that a URL doesn't have.</summary>
    public const string HttpMethodReason = "METHOD_NOT_ALLOWED";

    /// <summary>The domain of every ErrorInfo.</summary>
    public const string Domain = "genai.chats.v1";

    /// <summary>The metadata key of the chat's name.</summary>
    public const string NameKey = "name";

    // By then, another server can respond.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Creates the status for an exception of a chat.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="chatName">The name of the chat in the request, if it has one.</param>
    public static RpcException From(ChatException error, string? chatName = null)
    {
        var info = Info(error.Reason, [.. error.Metadata.Select(static pair => (pair.Key, (object)pair.Value))]);
        if (!string.IsNullOrEmpty(chatName))
        {
            info.Metadata.TryAdd(NameKey, Text.Cut(chatName, Text.MaxValueBytes));
        }

        return Make(error.Code, error.Message, info, Violation(error.Field, error.Message), Retry(error.RetryDelay));
    }

    /// <summary>Creates the status for a turn that failed or was canceled.</summary>
    public static RpcException From(Turn turn) => turn.State == Turn.Types.State.Cancelled
        ? Make(Code.Cancelled, "The turn was cancelled.", Info("TURN_CANCELLED", ("turn_id", turn.TurnId)))
        : Make((Code)turn.Error.Code, turn.Error.Message, Info(turn.Error.Reason, ("turn_id", turn.TurnId)), Retry(turn.Error.RetryDelay?.ToTimeSpan()));

    /// <summary>Creates the status for a chat that doesn't exist.</summary>
    public static RpcException ChatNotFound(string name) => Make(Code.NotFound, $"Chat '{name}' not found.", Info("CHAT_NOT_FOUND", (NameKey, name)));

    /// <summary>Creates the status for a field that breaks a rule.</summary>
    /// <param name="field">The field's path.</param>
    /// <param name="rule">The rule, to be read after the path.</param>
    /// <param name="values">The names and values of what the rule quotes.</param>
    public static RpcException Invalid(string field, string rule, params ReadOnlySpan<(string Key, object Value)> values)
    {
        var message = $"{Text.Cut(field, Text.MaxValueBytes)} {rule}.";
        return Make(Code.InvalidArgument, message, Info("INVALID_FIELD", [("field", field), .. values]), Violation(field, message));
    }

    /// <summary>Creates the status for a request body that can't be parsed as a message of its type.</summary>
    public static RpcException Malformed(MessageDescriptor type, string cause) =>
        Make(Code.InvalidArgument, $"The request body isn't a valid {type.FullName} message: {cause}", Info("MALFORMED_REQUEST", ("type", type.FullName)));

    /// <summary>Creates the status for a request body that breaks the gRPC protocol, or that can't be decompressed.</summary>
    public static RpcException MalformedFrame(string cause) =>
        Make(Code.InvalidArgument, $"The request body isn't a valid gRPC message: {cause}", Info("MALFORMED_REQUEST"));

    /// <summary>Creates the status for a request message that is larger than any message can be.</summary>
    public static RpcException MessageTooLarge(int maxBytes) =>
        Make(Code.ResourceExhausted, $"The request message must have at most {maxBytes} bytes.", Info(MessageTooLargeReason, ("limit_value", maxBytes)));

    /// <summary>Creates the status for a request that can succeed if it's sent again.</summary>
    public static RpcException Unavailable(string reason, string message, params ReadOnlySpan<(string Key, object Value)> values) =>
        Make(Code.Unavailable, message, Info(reason, values), Retry(RetryDelay));

    /// <summary>Creates the status for a stream of a server that is shutting down.</summary>
    public static RpcException Stopping() =>
        Unavailable(ServerStopping, "The server is shutting down. Turns continue on another server. Resume the stream with ReadTurn or WatchChat.");

    /// <summary>Creates the status for a stream that the client doesn't read.</summary>
    public static RpcException Stalled(TimeSpan timeout) => Unavailable(
        StreamStalled,
        string.Create(CultureInfo.InvariantCulture, $"The stream has ended because the client accepted no data for {timeout.TotalSeconds:0.###} s. Resume it with ReadTurn or WatchChat."),
        ("timeout_seconds", timeout.TotalSeconds));

    /// <summary>Indicates whether a failure is <see cref="Stalled"/>.</summary>
    public static bool IsStalled(Exception failure) => ReasonOf(failure) == StreamStalled;

    /// <summary>Indicates whether a failure is <see cref="Stopping"/>.</summary>
    public static bool IsStopping(Exception failure) => ReasonOf(failure) == ServerStopping;

    /// <summary>Returns the reason of a failure, if it has one.</summary>
    public static string? ReasonOf(Exception failure) => (failure as RpcException)?.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason;

    /// <summary>Creates the status for a body that arrives too slowly.</summary>
    public static RpcException BodyTimeout() => Unavailable(RequestTimeoutReason, "The request body arrived too slowly.");

    /// <summary>Creates the status for a request that this caller can't make.</summary>
    public static RpcException Denied(string reason, string message) => Make(Code.PermissionDenied, message, Info(reason));

    /// <summary>Creates the status for a request that is invalid as a whole.</summary>
    public static RpcException Rejected(string reason, string message) => Make(Code.InvalidArgument, message, Info(reason));

    /// <summary>Creates the status for a URL or a method of a URL that doesn't exist.</summary>
    public static RpcException NoRoute(string reason, string message) => Make(Code.NotFound, message, Info(reason));

    /// <summary>Creates the status for missing or invalid credentials.</summary>
    public static RpcException Unauthenticated(string reason, string message) => Make(Code.Unauthenticated, message, Info(reason));

    /// <summary>Creates the status for a defect of this server. The log has the exception.</summary>
    public static RpcException Internal()
    {
        const string message = "Internal error. See the server log for details";
        return Activity.Current?.TraceId.ToString() is { } traceId
            ? Make(Code.Internal, $"{message} (trace ID: {traceId}).", Info("INTERNAL", ("trace_id", traceId)))
            : Make(Code.Internal, $"{message}.", Info("INTERNAL"));
    }

    private static ErrorInfo Info(string reason, params ReadOnlySpan<(string Key, object Value)> values)
    {
        var info = new ErrorInfo { Domain = Domain, Reason = reason };
        foreach (var (key, value) in values)
        {
            info.Metadata[key] = Text.Cut(Convert.ToString(value, CultureInfo.InvariantCulture)!, Text.MaxValueBytes);
        }

        return info;
    }

    private static BadRequest? Violation(string? field, string message) => field is null
        ? null
        : new BadRequest
        {
            FieldViolations =
            {
                new BadRequest.Types.FieldViolation { Field = Text.Cut(field, Text.MaxValueBytes), Description = Text.Cut(message, Text.MaxMessageBytes) },
            },
        };

    private static RetryInfo? Retry(TimeSpan? delay) =>
        delay is { } value ? new RetryInfo { RetryDelay = Duration.FromTimeSpan(value) } : null;

    private static RpcException Make(Code code, string message, ErrorInfo info, params ReadOnlySpan<IMessage?> details)
    {
        message = Text.Cut(message, Text.MaxMessageBytes);
        List<IMessage> all = [info];
        foreach (var detail in (ReadOnlySpan<IMessage?>)[.. details, StandardDetails.Of(code, info, message)])
        {
            if (detail is not null)
            {
                all.Add(detail);
            }
        }

        var status = StatusSize.Fit(new RpcStatus { Code = (int)code, Message = message }, all);
        return new RpcException(new Grpc.Core.Status((StatusCode)code, Text.CutEncoded(message, StatusSize.MaxMessageLength)), status.ToRpcException().Trailers);
    }
}
