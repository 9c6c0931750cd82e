using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Runtime;

/// <summary>Keys of the clocks that parts of the runtime take from the services. Where none is registered, it is the unkeyed one.</summary>
public static class TimeProviderNames
{
    public const string Grains = "Orleans.Grains";
    public const string Messaging = "Orleans.Messaging";
    public const string ActivationManagement = "Orleans.ActivationManagement";

    internal static TimeProvider GetTimeProvider(this IServiceProvider services, string name) =>
        services.GetKeyedService<TimeProvider>(name) ?? services.GetService<TimeProvider>() ?? TimeProvider.System;
}
