using Google.Rpc;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>What a client may make of an error.</summary>
internal static class Failures
{
    /// <summary>Whether the same request may be sent again: the server says so, or it is the connection that broke.</summary>
    public static bool IsPassing(RpcException failure) =>
        failure.Status.DebugException is not null
        || (failure.StatusCode is StatusCode.Unavailable or StatusCode.ResourceExhausted && Detail<RetryInfo>(failure) is not null);

    /// <summary>The reason that the server gave; empty where it gave none.</summary>
    public static string Reason(RpcException failure) => Detail<ErrorInfo>(failure)?.Reason ?? "";

    /// <summary>A detail of the error, or null.</summary>
    public static T? Detail<T>(RpcException failure)
        where T : class, Google.Protobuf.IMessage<T>, new() => failure.GetRpcStatus()?.GetDetail<T>();

    /// <summary>Fails unless the error is one that the contract has for a server that cannot serve now.</summary>
    public static void AssertUnavailable(RpcException failure)
    {
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.NotNull(Detail<RetryInfo>(failure));
    }
}
