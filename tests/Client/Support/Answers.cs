using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Status = Grpc.Core.Status;

namespace GenAI.Chats.Client.Tests.Support;

/// <summary>Creates answers to calls.</summary>
internal static class Answers
{
    /// <summary>Replies.</summary>
    public static Answer Reply(IMessage reply) => (_, _, _) => Task.FromResult(reply);

    /// <summary>Fails with a status, with details as from the service.</summary>
    public static Answer Fail(StatusCode code, string? reason = null, TimeSpan? retryDelay = null, params (string Key, string Value)[] metadata) =>
        (_, _, _) => throw Error(code, reason, retryDelay, metadata);

    /// <summary>Loses the connection without a reply.</summary>
    public static Answer Drop() => (_, _, context) => LoseAsync(context);

    /// <summary>Streams a turn's events after the requested offset, as the service does.</summary>
    public static Answer Stream(IEnumerable<TurnEvent> events) => Stream(events, int.MaxValue, _ => Task.CompletedTask);

    /// <summary>Streams some of a turn's events after the requested offset, and then does something else.</summary>
    public static Answer Stream(IEnumerable<TurnEvent> events, int count, Func<ServerCallContext, Task> then) => async (request, write, context) =>
    {
        await context.WriteResponseHeadersAsync(new Metadata { { "turn-id", Events.TurnId } });
        var after = (request as ReadTurnRequest)?.AfterOffset ?? 0;
        foreach (var next in events.Where(e => e.Offset > after).Take(count))
        {
            await write(next);
        }

        await then(context);
        return new Empty();
    };

    /// <summary>Streams events of a chat, and then does something else.</summary>
    public static Answer Watch(Func<ServerCallContext, Task> then, params ChatEvent[] events) => async (_, write, context) =>
    {
        foreach (var next in events)
        {
            await write(next);
        }

        await then(context);
        return new Empty();
    };

    /// <summary>Loses the connection.</summary>
    public static Task<IMessage> LoseAsync(ServerCallContext context)
    {
        context.GetHttpContext().Features.Get<IConnectionLifetimeFeature>()!.Abort();
        return new TaskCompletionSource<IMessage>().Task.WaitAsync(context.CancellationToken);
    }

    /// <summary>Resets the call, but not the connection.</summary>
    public static Task ResetAsync(ServerCallContext context)
    {
        context.GetHttpContext().Abort();
        return Task.CompletedTask;
    }

    /// <summary>Fails as a stopping server.</summary>
    public static Task StopAsync(ServerCallContext context) => throw Error(StatusCode.Unavailable, "SERVER_STOPPING", TimeSpan.FromMilliseconds(1));

    /// <summary>Hangs until the client disconnects.</summary>
    public static Task HangAsync(ServerCallContext context) => Task.Delay(Timeout.Infinite, context.CancellationToken);

    /// <summary>Returns a failure with a message that is complete only in its details, as the service sends long ones.</summary>
    public static RpcException Shortened(RpcException error, string message)
    {
        var status = error.GetRpcStatus()!;
        status.Message = message;
        return new RpcException(new Status(error.StatusCode, $"{message[..10]}..."), new Metadata { { "grpc-status-details-bin", status.ToByteArray() } });
    }

    public static RpcException Error(StatusCode code, string? reason, TimeSpan? retryDelay = null, params (string Key, string Value)[] metadata)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = "scripted" };
        if (reason is not null)
        {
            var info = new ErrorInfo { Domain = "genai.chats.v1", Reason = reason };
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
