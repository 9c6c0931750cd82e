using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Code = Grpc.Core.StatusCode;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>How a call failed: its status, and what <c>grpc-status-details-bin</c> adds.</summary>
public sealed record Failure
{
    public required Code Code { get; init; }

    public required string Message { get; init; }

    /// <summary>ErrorInfo's reason; null: there were no details.</summary>
    public string? Reason { get; init; }

    public string? Domain { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The field that BadRequest names.</summary>
    public string? Field { get; init; }

    public TimeSpan? RetryDelay { get; init; }

    public ResourceInfo? Resource { get; init; }

    public QuotaFailure? Quota { get; init; }

    public PreconditionFailure? Precondition { get; init; }

    /// <summary>Makes a call that is to fail.</summary>
    public static async Task<Failure> OfAsync(Func<Task> call) => Of(await Assert.ThrowsAsync<RpcException>(call));

    /// <summary>Makes a unary call that is to fail.</summary>
    public static async Task<Failure> OfAsync<T>(AsyncUnaryCall<T> call)
    {
        using (call)
        {
            return Of(await Assert.ThrowsAsync<RpcException>(async () => await call));
        }
    }

    /// <summary>Reads a stream that is to fail, up to its failure.</summary>
    public static Task<Failure> OfAsync<T>(AsyncServerStreamingCall<T> call) => OfAsync(async () =>
    {
        using (call)
        {
            await foreach (var _ in call.ResponseStream.ReadAllAsync())
            {
                // Only how it ends counts.
            }
        }
    });

    public static Failure Of(RpcException exception)
    {
        var failure = new Failure { Code = exception.StatusCode, Message = exception.Status.Detail };
        if (exception.Trailers.GetValueBytes("grpc-status-details-bin") is not { } bytes)
        {
            return failure;
        }

        var status = Google.Rpc.Status.Parser.ParseFrom(bytes);
        Assert.Equal((int)exception.StatusCode, status.Code);

        // Headers have room for a short message only.
        var shown = exception.Status.Detail;
        Assert.True(shown == status.Message || (shown.EndsWith("...", StringComparison.Ordinal) && status.Message.StartsWith(shown[..^3], StringComparison.Ordinal)), shown);
        var info = Detail<ErrorInfo>(status, ErrorInfo.Descriptor);
        return failure with
        {
            Message = status.Message,
            Reason = info?.Reason,
            Domain = info?.Domain,
            Metadata = info?.Metadata.ToDictionary() ?? [],
            Field = Detail<BadRequest>(status, BadRequest.Descriptor)?.FieldViolations.Single().Field,
            RetryDelay = Detail<RetryInfo>(status, RetryInfo.Descriptor)?.RetryDelay.ToTimeSpan(),
            Resource = Detail<ResourceInfo>(status, ResourceInfo.Descriptor),
            Quota = Detail<QuotaFailure>(status, QuotaFailure.Descriptor),
            Precondition = Detail<PreconditionFailure>(status, PreconditionFailure.Descriptor),
        };
    }

    private static T? Detail<T>(Google.Rpc.Status status, MessageDescriptor type)
        where T : class, IMessage, new() => status.Details.SingleOrDefault(any => any.Is(type))?.Unpack<T>();
}
