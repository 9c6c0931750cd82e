using Grpc.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the gRPC reflection services.</summary>
public static class GrpcReflectionServiceExtensions
{
    public static IServiceCollection AddGrpcReflection(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<ServedDescriptors>();
        services.TryAddSingleton(provider =>
            new ReflectionServiceImpl(provider.GetRequiredService<ServedDescriptors>().Services));
        services.TryAddSingleton(provider =>
            new ReflectionV1ServiceImpl(provider.GetRequiredService<ServedDescriptors>().Services));
        return services;
    }
}
