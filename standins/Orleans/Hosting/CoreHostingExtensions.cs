using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Orleans.Hosting;

public static class CoreHostingExtensions
{
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = EndpointOptions.DEFAULT_SILO_PORT,
        int gatewayPort = EndpointOptions.DEFAULT_GATEWAY_PORT,
        IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev",
        string clusterId = "dev")
    {
        if (primarySiloEndpoint is not null && primarySiloEndpoint.Port != siloPort)
        {
            throw Missing.Package("Microsoft.Orleans.Server", "A second silo");
        }

        if (gatewayPort != 0)
        {
            throw Missing.Package("Microsoft.Orleans.Server", "A silo with clients outside of its process (a gateway)");
        }

        builder.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = IPAddress.Loopback;
            options.SiloPort = siloPort;
            options.GatewayPort = gatewayPort;
        });

        // Only where nothing else was set: what the host configured for its cluster goes first.
        builder.Services.PostConfigure<ClusterOptions>(options =>
        {
            options.ServiceId = options.ServiceId == ClusterOptions.DefaultServiceId ? serviceId : options.ServiceId;
            options.ClusterId = options.ClusterId == ClusterOptions.DefaultClusterId ? clusterId : options.ClusterId;
        });
        return builder;
    }

    // One silo's directory is its own table of activations: each grain has one entry, whichever directory was asked for.
    public static ISiloBuilder AddDistributedGrainDirectory(this ISiloBuilder siloBuilder, string? name = null) => siloBuilder;

    // Calls stay in the process, where the caller's Activity.Current does not reach the grain; here it is not carried over either.
    public static ISiloBuilder AddActivityPropagation(this ISiloBuilder builder) => builder;
}
