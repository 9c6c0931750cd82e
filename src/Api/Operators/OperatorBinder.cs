using GenAI.Chats.Api.Services;

namespace GenAI.Chats.Api.Operators;

/// <summary>Binds the methods for operators, with the checks of <see cref="CheckingBinder"/>.</summary>
internal static class OperatorBinder
{
    /// <summary>Gets the contract. Server reflection expects it here.</summary>
    public static Google.Protobuf.Reflection.ServiceDescriptor Descriptor => V1.Operator.Descriptor;

    /// <summary>Binds the methods. The gRPC server calls this method, because the service's attribute names it.</summary>
    public static void BindService(ServiceBinderBase binder, V1.Operator.OperatorBase service) =>
        V1.Operator.BindService(new CheckingBinder(binder), service);
}
