using System.Net.Sockets;
using GenAI.Chats.Silo.Redis;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>Configures how a silo finds the other silos of its cluster, and detects failed ones.</summary>
internal static class SiloClustering
{
    private const string ClusteringKey = $"{ChatSiloOptions.SectionName}:Clustering:{nameof(ClusteringOptions.ConnectionString)}";
    private const string DirectoryKey = $"{ChatSiloOptions.SectionName}:{nameof(ChatSiloOptions.DirectoryConnectionString)}";

    public static void UseChatCluster(this ISiloBuilder silo, ChatSiloOptions options)
    {
        UseMembership(silo, options, options.SiloPort == 0 ? ReservePort(silo.Services) : options.SiloPort);
        UseDirectory(silo, options);
        if (options.Kubernetes)
        {
            silo.UseKubernetesHosting();
        }

        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = options.ProbeTimeout;
            membership.MaxProbeTimeout = options.ProbeTimeout * 2;
            membership.NumMissedProbesLimit = 3;
            membership.NumVotesForDeathDeclaration = 2;

            // If most silos fail at once, too few remain for two votes. One vote is enough once the failed silos' heartbeats in the membership table are old: by
            // default after 12 s (Orleans' default: 90 s).
            membership.IAmAliveTablePublishTimeout = options.ProbeTimeout * 2;
            membership.NumMissedTableIAmAliveLimit = 3;

            // A silo that was frozen finds out from the membership table that it was declared dead. With Orleans' default, it would run on for up to a minute.
            membership.TableRefreshTimeout = options.ProbeTimeout * 5;
        });
    }

    private static void UseMembership(ISiloBuilder silo, ChatSiloOptions options, int siloPort)
    {
        var (type, connectionString) = (options.Clustering.ProviderType, options.Clustering.ConnectionString);
        if (type == ClusteringOptions.Localhost)
        {
            silo.UseLocalhostClustering(
                siloPort, options.GatewayPort, new IPEndPoint(IPAddress.Loopback, siloPort), options.ServiceId, options.ClusterId);
            return;
        }

        silo.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (options.ServiceId, options.ClusterId));
        silo.Configure<EndpointOptions>(endpoint => Listen(endpoint, options, siloPort));
        switch (type)
        {
            case ClusteringOptions.AdoNet:
                silo.UseAdoNetClustering(database => (database.Invariant, database.ConnectionString) = (options.Clustering.Invariant, connectionString));
                silo.Services.AddSingleton(new ClusterServer(
                    ClusteringKey, "Postgres", cancellationToken => PostgresClusterTables.CreateAsync(connectionString, cancellationToken)));
                break;
            case ClusteringOptions.Redis:
                silo.UseRedisClustering(static _ => { });
                silo.Services.AddRedisMembership(connectionString);
                silo.Services.AddRedisServer(ClusteringKey, connectionString);
                break;
            case ClusteringOptions.AzureTableStorage:
                var tables = AzureTables.CreateClient(connectionString);
                silo.UseAzureStorageClustering((AzureStorageClusteringOptions azure) => azure.TableServiceClient = tables);
                silo.Services.AddSingleton(new ClusterServer(
                    ClusteringKey,
                    "Azure Table",
                    cancellationToken => tables.CreateTableIfNotExistsAsync(AzureStorageClusteringOptions.DEFAULT_TABLE_NAME, cancellationToken)));
                break;
        }
    }

    private static void UseDirectory(ISiloBuilder silo, ChatSiloOptions options)
    {
        switch (options.Directory)
        {
            case ChatDirectory.Distributed:
#pragma warning disable ORLEANSEXP003 // Experimental: docs/how-to/run-a-cluster.md explains why it's the default.
                silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003

                // Otherwise a failed silo's chats couldn't be activated elsewhere for this time. The store keeps two activations of a chat from both writing.
                silo.Configure<GrainDirectoryOptions>(directory => directory.RangeLeaseDuration = TimeSpan.Zero);
                break;
            case ChatDirectory.Redis:
                var connectionString = options.DirectoryConnectionString;
                silo.Services.TryAddSingleton<RedisConnections>();
                silo.UseRedisGrainDirectoryAsDefault(directory => directory.Configure<RedisConnections>((redis, connections) =>
                {
                    redis.ConfigurationOptions = RedisConnectionString.Parse(connectionString);
                    redis.CreateMultiplexer = async _ => (await connections.OpenAsync(connectionString).ConfigureAwait(false), IsShared: true);
                }));
                if (options.Clustering is not { ProviderType: ClusteringOptions.Redis } || options.Clustering.ConnectionString != connectionString)
                {
                    silo.Services.AddRedisServer(DirectoryKey, connectionString);
                }

                break;
        }
    }

    private static void AddRedisServer(this IServiceCollection services, string setting, string connectionString) =>
        services.AddSingleton(provider => new ClusterServer(
            setting, "Redis", _ => provider.GetRequiredService<RedisConnections>().PrepareAsync(connectionString)));

    // The advertised address isn't always one of this machine's: a container can have another address outside.
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

    // Returns a free port. While the host exists, the socket keeps the system from assigning the port to sockets that bind to any port. A socket with ReuseAddress, as
    // Orleans uses, can still bind the port and listen.
    private static int ReservePort(IServiceCollection services)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        services.AddKeyedSingleton(nameof(ReservePort), socket);
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
