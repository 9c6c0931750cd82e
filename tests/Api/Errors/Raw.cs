using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Errors;

/// <summary>Calls whose messages are bytes of the test's own.</summary>
internal static class Raw
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    /// <summary>A method of the service.</summary>
    public static Method<byte[], byte[]> Method(string name, MethodType type = MethodType.Unary) =>
        new(type, V1.Chats.Descriptor.FullName, name, Bytes, Bytes);

    /// <summary>Calls a method of the contract with bytes that it is to refuse.</summary>
    public static Task<Tests.Hosting.Failure> RefusedAsync(
        CallInvoker invoker, Google.Protobuf.Reflection.MethodDescriptor method, byte[] message) =>
        method.IsServerStreaming
            ? Tests.Hosting.Failure.OfAsync(
                invoker.AsyncServerStreamingCall(Method(method.Name, MethodType.ServerStreaming), null, default, message))
            : Tests.Hosting.Failure.OfAsync(invoker.AsyncUnaryCall(Method(method.Name), null, default, message));
}
