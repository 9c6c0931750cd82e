using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace GenAI.Chats.Api.Frames;

/// <summary>
/// Reads a call's body, in which each message has a header with a flag and the message's length. The gRPC server reports most invalid headers as errors of the
/// server. This reader reports them as errors of the client, before the gRPC server reads them.
/// </summary>
/// <param name="body">The body.</param>
/// <param name="isSingle">Whether the call has exactly one message.</param>
/// <param name="isCompressed">Whether the call names a compression.</param>
/// <param name="maxBytes">The maximum size of a message.</param>
/// <param name="logger">The logger for invalid bodies.</param>
internal sealed class FrameReader(PipeReader body, bool isSingle, bool isCompressed, int maxBytes, ILogger logger) : PipeReader, IRequestBodyPipeFeature
{
    private SequencePosition _start;
    private bool _hasMessage;

    /// <inheritdoc/>
    public PipeReader Reader => this;

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return Checked(await body.ReadAsync(cancellationToken));
        }
        catch (BadHttpRequestException failure)
        {
            throw failure.StatusCode == StatusCodes.Status408RequestTimeout
                ? RpcErrors.BodyTimeout()
                : ErrorLog.Logged(logger, RpcErrors.MalformedFrame(failure.Message));
        }
        catch (IOException gone)
        {
            // The call's token is cancelled later.
            throw new OperationCanceledException("The client has disconnected.", gone);
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        var hasRead = body.TryRead(out result);
        result = hasRead ? Checked(result) : result;
        return hasRead;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _hasMessage |= !consumed.Equals(_start);
        body.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => body.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => body.Complete(exception);

    private ReadResult Checked(ReadResult result)
    {
        _start = result.Buffer.Start;
        if (!result.IsCanceled && Fault(result) is { } fault)
        {
            body.AdvanceTo(result.Buffer.End);
            throw ErrorLog.Logged(logger, fault);
        }

        return result;
    }

    // The data starts with a header, because the gRPC server consumes whole messages.
    private RpcException? Fault(ReadResult result)
    {
        var rest = new SequenceReader<byte>(result.Buffer);
        if (!rest.TryRead(out var flag))
        {
            return result.IsCompleted && isSingle && !_hasMessage ? RpcErrors.MalformedFrame("The message is missing.") : null;
        }

        if (isSingle && _hasMessage)
        {
            return RpcErrors.MalformedFrame("Data follows the message.");
        }

        if (flag > 1)
        {
            return RpcErrors.MalformedFrame($"The compressed flag must be 0 or 1 (got {flag}).");
        }

        if (flag == 1 && !isCompressed)
        {
            return RpcErrors.MalformedFrame("The message is compressed, but grpc-encoding names no compression.");
        }

        if (!rest.TryReadBigEndian(out int length))
        {
            return result.IsCompleted ? RpcErrors.MalformedFrame("The header is incomplete.") : null;
        }

        if ((uint)length > (uint)maxBytes)
        {
            return RpcErrors.MessageTooLarge(maxBytes);
        }

        return !result.IsCompleted || rest.Remaining == length || (rest.Remaining > length && !isSingle) ? null
            : RpcErrors.MalformedFrame(rest.Remaining < length ? "The message is shorter than its header says." : "Data follows the message.");
    }
}
