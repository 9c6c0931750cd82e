using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;

namespace GenAI.Chats.Silo.HealthChecks;

/// <summary>Binds the health service's methods so that requests that can't be parsed fail with INVALID_ARGUMENT, and the gRPC server logs no error.</summary>
internal sealed class HealthBinder(ServiceBinderBase inner) : ServiceBinderBase
{
    /// <summary>The service's descriptor. Server reflection requires it.</summary>
    public static Google.Protobuf.Reflection.ServiceDescriptor Descriptor => Health.Descriptor;

    /// <summary>Binds the service's methods. The gRPC server calls it because of the service's attribute.</summary>
    public static void BindService(ServiceBinderBase binder, Health.HealthBase service) => Health.BindService(new HealthBinder(binder), service);

    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod(Parsed(method), handler);

    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod(Parsed(method), handler);

    private static Method<TRequest, TResponse> Parsed<TRequest, TResponse>(Method<TRequest, TResponse> method)
    {
        var marshaller = Marshallers.Create(method.RequestMarshaller.ContextualSerializer, Read);
        return new Method<TRequest, TResponse>(method.Type, method.ServiceName, method.Name, marshaller, method.ResponseMarshaller);

        TRequest Read(DeserializationContext context)
        {
            try
            {
                return method.RequestMarshaller.ContextualDeserializer(context);
            }
            catch (InvalidProtocolBufferException malformed)
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, $"The request body isn't a valid message: {malformed.Message}"));
            }
        }
    }
}
