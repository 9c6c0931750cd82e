using System.Globalization;
using System.Text;
using System.Text.Unicode;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using RpcStatus = Google.Rpc.Status;

namespace GenAI.Chats.Api.Errors;

/// <summary>
/// Makes the statuses that clients see: a code, a sentence, and in <c>grpc-status-details-bin</c> a google.rpc.ErrorInfo with a stable
/// reason, BadRequest for a field that breaks a rule, RetryInfo where a retry makes sense.
/// </summary>
internal static class RpcErrors
{
    private const string StreamStalled = "STREAM_STALLED";

    /// <summary>The domain of every ErrorInfo.</summary>
    public const string Domain = "chats.genai";

    // Statuses travel in headers, the text twice, and there escaped: many clients take 8 KiB of them at most.
    private const int MaxMessageBytes = 1024;
    private const int MaxFieldBytes = 256;

    /// <summary>What a chat answered.</summary>
    public static RpcException From(ChatException error)
    {
        var info = Info(error.Reason);
        if (error.CurrentRevision is { } revision)
        {
            info.Metadata["revision"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (error.Limit is { } limit)
        {
            info.Metadata["limit"] = limit;
            info.Metadata["limit_value"] = error.LimitValue.GetValueOrDefault().ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return Make(error.Code, error.Message, info, Violation(error.Field, error.Message), Retry(error.RetryDelay));
    }

    /// <summary>Why a turn failed.</summary>
    public static RpcException From(Turn turn)
    {
        if (turn.State == Turn.Types.State.Cancelled)
        {
            return WithTurn(Code.Cancelled, "TURN_CANCELLED", "The turn was cancelled.", turn, null);
        }

        var error = turn.Error;
        return WithTurn((Code)error.Code, error.Reason, error.Message, turn, error.RetryDelay?.ToTimeSpan());
    }

    /// <summary>A field of the request breaks a rule.</summary>
    public static RpcException Invalid(string field, string rule) =>
        Make(Code.InvalidArgument, $"{Cut(field, MaxFieldBytes)} {rule}", Info("INVALID_FIELD"), Violation(field, rule), null);

    /// <summary>The request's bytes can't be parsed as a message of its type.</summary>
    public static RpcException Malformed(MessageDescriptor type, string cause) =>
        Make(Code.InvalidArgument, $"The request body isn't a valid {type.FullName} message: {cause}", Info("MALFORMED_REQUEST"), null, null);

    /// <summary>The bytes around the request's message, or those that it is packed in, break the gRPC protocol.</summary>
    public static RpcException MalformedFrame(string cause) =>
        Make(Code.InvalidArgument, $"The request body isn't a valid gRPC message: {cause}", Info("MALFORMED_REQUEST"), null, null);

    /// <summary>The request's message has more bytes than any may have.</summary>
    public static RpcException MessageTooLarge(int maxBytes) =>
        Make(Code.ResourceExhausted, $"The request message must have at most {maxBytes} bytes.", Info("MESSAGE_TOO_LARGE"), null, null);

    /// <summary>The request sets a field that this version does nothing with.</summary>
    public static RpcException Unimplemented(string field) =>
        Make(
            Code.Unimplemented,
            $"{field} is not implemented yet.",
            Info("NOT_IMPLEMENTED"),
            Violation(field, "is not implemented yet"),
            null);

    /// <summary>The request's method does nothing in this version.</summary>
    public static RpcException UnimplementedMethod(string method) =>
        Make(Code.Unimplemented, $"{method} is not implemented yet.", Info("NOT_IMPLEMENTED"), null, null);

    /// <summary>The servers of the chat do not answer; the request may be sent again.</summary>
    public static RpcException Unavailable(string reason, string message) =>
        Make(Code.Unavailable, message, Info(reason), null, Retry(TimeSpan.FromSeconds(1)));

    /// <summary>The caller takes nothing of what it is sent.</summary>
    public static RpcException Stalled(TimeSpan timeout) => Unavailable(
        StreamStalled, string.Create(CultureInfo.InvariantCulture, $"The stream has ended because the client accepted no data for {timeout.TotalSeconds:0.###} s. Resume it with ReadTurn."));

    /// <summary>Whether a failure is <see cref="Stalled"/>.</summary>
    public static bool IsStalled(Exception failure) => failure is RpcException rpc && rpc.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason == StreamStalled;

    /// <summary>The call's credentials are none, or not good.</summary>
    public static RpcException Unauthenticated(string reason, string message) =>
        Make(Code.Unauthenticated, message, Info(reason), null, null);

    /// <summary>A defect of this server. The log has more.</summary>
    public static RpcException Internal() =>
        Make(Code.Internal, "The server failed in a way that it should not have.", Info("INTERNAL"), null, null);

    private static RpcException WithTurn(Code code, string reason, string message, Turn turn, TimeSpan? retryDelay)
    {
        var info = Info(reason);
        info.Metadata["turn_id"] = turn.TurnId;
        return Make(code, message, info, null, Retry(retryDelay));
    }

    private static ErrorInfo Info(string reason) => new() { Domain = Domain, Reason = reason };

    private static BadRequest? Violation(string? field, string rule) => field is null
        ? null
        : new BadRequest
        {
            FieldViolations =
            {
                new BadRequest.Types.FieldViolation { Field = Cut(field, MaxFieldBytes), Description = Cut(rule, MaxMessageBytes) },
            },
        };

    private static RetryInfo? Retry(TimeSpan? delay) =>
        delay is { } value ? new RetryInfo { RetryDelay = Duration.FromTimeSpan(value) } : null;

    private static string Cut(string text, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        var bytes = new byte[maxBytes];
        Utf8.FromUtf16(text, bytes, out var taken, out _);
        return text[..taken] + "...";
    }

    private static RpcException Make(Code code, string message, params ReadOnlySpan<IMessage?> details)
    {
        message = Cut(message, MaxMessageBytes);
        var status = new RpcStatus { Code = (int)code, Message = message };
        foreach (var detail in details)
        {
            if (detail is not null)
            {
                status.Details.Add(Any.Pack(detail));
            }
        }

        return status.ToRpcException();
    }
}
