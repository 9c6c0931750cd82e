using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;

namespace Grpc.Reflection;

/// <summary>The descriptors of the gRPC services that are mapped to endpoints.</summary>
internal sealed class ServedDescriptors(EndpointDataSource endpoints)
{
    private readonly Lazy<IReadOnlyList<ServiceDescriptor>> _services = new(() => Find(endpoints));

    /// <summary>Found when first asked for, which is after all services are mapped.</summary>
    public IReadOnlyList<ServiceDescriptor> Services => _services.Value;

    private static ServiceDescriptor[] Find(EndpointDataSource endpoints) =>
    [
        .. endpoints.Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType)
            .OfType<Type>()
            .Distinct()
            .Select(DescriptorOf)
            .OfType<ServiceDescriptor>(),
    ];

    /// <summary>Generated service bases say which class holds their descriptor; a service without one stays unlisted.</summary>
    private static ServiceDescriptor? DescriptorOf(Type service) =>
        service.GetCustomAttribute<BindServiceMethodAttribute>(inherit: true)?.BindType
            .GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?
            .GetValue(null) as ServiceDescriptor;
}
