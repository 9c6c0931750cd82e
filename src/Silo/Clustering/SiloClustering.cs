using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>Sets up how a silo finds the others of its cluster, and how long it takes to notice that one is gone.</summary>
internal static class SiloClustering
{
    public static void UseChatCluster(this ISiloBuilder silo, ChatSiloOptions options)
    {
        var clustering = options.Clustering;
        var siloPort = options.SiloPort == 0 ? FreePort() : options.SiloPort;
        if (clustering.ProviderType == ClusteringOptions.Localhost)
        {
            silo.UseLocalhostClustering(
                siloPort, options.GatewayPort, new IPEndPoint(IPAddress.Loopback, siloPort), options.ServiceId, options.ClusterId);
        }
        else
        {
            silo.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (options.ServiceId, options.ClusterId));
            silo.Configure<EndpointOptions>(endpoint => Listen(endpoint, options, siloPort));
        }

        if (clustering.ProviderType == ClusteringOptions.AdoNet)
        {
            silo.UseAdoNetClustering(database => (database.Invariant, database.ConnectionString) = (clustering.Invariant, clustering.ConnectionString));
        }

        if (options.Directory == ChatDirectory.Distributed)
        {
#pragma warning disable ORLEANSEXP003 // Experimental: docs/operations.md says why it is the default all the same.
            silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003

            // It would keep the chats of a silo that is gone from being taken up for this long. What fences them here is the store.
            silo.Configure<GrainDirectoryOptions>(directory => directory.RangeLeaseDuration = TimeSpan.Zero);
        }

        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = options.ProbeTimeout;
            membership.MaxProbeTimeout = options.ProbeTimeout * 2;
            membership.NumMissedProbesLimit = 3;
            membership.NumVotesForDeathDeclaration = 2;

            // When most silos fail at once, too few remain for two votes. One vote is enough as soon as the others' last signs of life in the membership table
            // are old: by default after 12 s, where Orleans' own default is 90 s.
            membership.IAmAliveTablePublishTimeout = options.ProbeTimeout * 2;
            membership.NumMissedTableIAmAliveLimit = 3;
        });
    }

    // What is told to others is not always what can be listened on: a container's address may be another one outside.
    private static void Listen(EndpointOptions endpoint, ChatSiloOptions options, int siloPort)
    {
        endpoint.SiloPort = siloPort;
        endpoint.GatewayPort = options.GatewayPort;
        if (options.AdvertisedAddress.Length == 0)
        {
            return;
        }

        var advertised = IPAddress.Parse(options.AdvertisedAddress);
        var listening = IPAddress.IsLoopback(advertised) ? advertised
            : advertised.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any
            : IPAddress.Any;
        endpoint.AdvertisedIPAddress = advertised;
        endpoint.SiloListeningEndpoint = new IPEndPoint(listening, siloPort);
        endpoint.GatewayListeningEndpoint = options.GatewayPort == 0 ? null : new IPEndPoint(listening, options.GatewayPort);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
