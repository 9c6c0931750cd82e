using Grpc.Reflection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves grpc.reflection.v1 and v1alpha.</summary>
public static class GrpcReflectionEndpointRouteBuilderExtensions
{
    public static IEndpointConventionBuilder MapGrpcReflectionService(this IEndpointRouteBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.ServiceProvider.GetService<ServedDescriptors>() is null)
        {
            throw new InvalidOperationException(
                $"Call {nameof(GrpcReflectionServiceExtensions.AddGrpcReflection)} on the service collection first.");
        }

        return new BothVersions(builder.MapGrpcService<ReflectionServiceImpl>(), builder.MapGrpcService<ReflectionV1ServiceImpl>());
    }

    private sealed class BothVersions(params IEndpointConventionBuilder[] versions) : IEndpointConventionBuilder
    {
        public void Add(Action<EndpointBuilder> convention) => Array.ForEach(versions, version => version.Add(convention));

        public void Finally(Action<EndpointBuilder> finallyConvention) =>
            Array.ForEach(versions, version => version.Finally(finallyConvention));
    }
}
