using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Status = Grpc.Core.Status;

namespace GenAI.Chats.Client.Tests.Support;

/// <summary>Answers to calls.</summary>
internal static class Answers
{
    /// <summary>A reply.</summary>
    public static Answer Reply(IMessage reply) => (_, _, _) => Task.FromResult(reply);

    /// <summary>A status, with details as the service gives them.</summary>
    public static Answer Fail(StatusCode code, string? reason = null, TimeSpan? retryDelay = null, params (string Key, string Value)[] metadata) =>
        (_, _, _) => throw Error(code, reason, retryDelay, metadata);

    /// <summary>The connection is lost before anything is said.</summary>
    public static Answer Drop() => (_, _, context) => LoseAsync(context);

    /// <summary>A turn's events, after the offset that is asked for, as the service streams them.</summary>
    public static Answer Stream(IEnumerable<TurnEvent> events) => Stream(events, int.MaxValue, _ => Task.CompletedTask);

    /// <summary>So many of a turn's events, after the offset that is asked for, and then something else.</summary>
    public static Answer Stream(IEnumerable<TurnEvent> events, int count, Func<ServerCallContext, Task> then) => async (request, stream, context) =>
    {
        await context.WriteResponseHeadersAsync(new Metadata { { "turn-id", Events.TurnId } });
        var after = (request as ReadTurnRequest)?.AfterOffset ?? 0;
        foreach (var next in events.Where(e => e.Offset > after).Take(count))
        {
            await stream.WriteAsync(next);
        }

        await then(context);
        return new Empty();
    };

    /// <summary>Then the connection is lost.</summary>
    public static Task<IMessage> LoseAsync(ServerCallContext context)
    {
        context.GetHttpContext().Features.Get<IConnectionLifetimeFeature>()!.Abort();
        return new TaskCompletionSource<IMessage>().Task.WaitAsync(context.CancellationToken);
    }

    /// <summary>Then the call is reset, and the connection stays.</summary>
    public static Task ResetAsync(ServerCallContext context)
    {
        context.GetHttpContext().Abort();
        return Task.CompletedTask;
    }

    /// <summary>Then the server says that it stops.</summary>
    public static Task StopAsync(ServerCallContext context) => throw Error(StatusCode.Unavailable, "SERVER_STOPPING", TimeSpan.FromMilliseconds(1));

    /// <summary>Then nothing happens until the client goes.</summary>
    public static Task HangAsync(ServerCallContext context) => Task.Delay(Timeout.Infinite, context.CancellationToken);

    public static RpcException Error(StatusCode code, string? reason, TimeSpan? retryDelay = null, params (string Key, string Value)[] metadata)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = "scripted" };
        if (reason is not null)
        {
            var info = new ErrorInfo { Domain = "chats.genai", Reason = reason };
            info.Metadata.Add(metadata.ToDictionary(m => m.Key, m => m.Value));
            status.Details.Add(Any.Pack(info));
        }

        if (retryDelay is { } delay)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        }

        return new RpcException(new Status(code, "scripted"), new Metadata { { "grpc-status-details-bin", status.ToByteArray() } });
    }
}
