using System.Buffers;
using GenAI.Chats.Api.Validation;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Api.Services;

/// <summary>
/// Binds the service's methods so that requests that can't be parsed fail with INVALID_ARGUMENT, and requests that are nested too deeply aren't parsed: see
/// <see cref="NestingRule"/>. Interceptors can't do this, because they run after a request was parsed.
/// </summary>
internal sealed class CheckingBinder(ServiceBinderBase inner) : ServiceBinderBase
{
    /// <summary>Gets the contract. Server reflection expects it here, because this class replaces the generated one.</summary>
    public static Google.Protobuf.Reflection.ServiceDescriptor Descriptor => V1.Chats.Descriptor;

    /// <summary>Binds the methods of the contract. The gRPC server calls this method, because the service's attribute names it.</summary>
    public static void BindService(ServiceBinderBase binder, V1.Chats.ChatsBase service) =>
        V1.Chats.BindService(new CheckingBinder(binder), service);

    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
        inner.AddMethod(Checked(method), handler);

    /// <inheritdoc/>
    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        // EventStreams binds the methods that stream events.
        if (typeof(TResponse) != typeof(V1.TurnEvent) && typeof(TResponse) != typeof(V1.ChatEvent))
        {
            inner.AddMethod(Checked(method), handler);
        }
    }

    /// <summary>Creates a marshaller that checks requests before it parses them.</summary>
    public static Marshaller<TRequest> Checked<TRequest>(Marshaller<TRequest> marshaller)
        where TRequest : class
    {
        var type = ((IMessage)Activator.CreateInstance<TRequest>()).Descriptor;
        return Marshallers.Create(marshaller.ContextualSerializer, context => (TRequest)Read(context, type));
    }

    private static Method<TRequest, TResponse> Checked<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        new(method.Type, method.ServiceName, method.Name, Checked(method.RequestMarshaller), method.ResponseMarshaller);

    private static IMessage Read(DeserializationContext context, MessageDescriptor type)
    {
        var payload = context.PayloadAsReadOnlySequence();
        if (payload.IsSingleSegment)
        {
            return Parse(payload, payload.FirstSpan, type);
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)payload.Length);
        try
        {
            var bytes = buffer.AsMemory(0, (int)payload.Length);
            payload.CopyTo(bytes.Span);
            return Parse(new ReadOnlySequence<byte>(bytes), bytes.Span, type);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static IMessage Parse(ReadOnlySequence<byte> payload, ReadOnlySpan<byte> bytes, MessageDescriptor type)
    {
        NestingRule.Check(bytes, type);
        try
        {
            return type.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw RpcErrors.Malformed(type, malformed.Message);
        }
    }
}
