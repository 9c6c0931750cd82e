using GenAI.Chats.Silo.Redis;
using Orleans.Clustering.AzureStorage;
using Orleans.Clustering.Redis;
using Orleans.Configuration;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>Configures how a client finds the silos of its cluster.</summary>
internal static class ClientClustering
{
    public static void UseChatCluster(this IClientBuilder client, ChatSiloOptions options)
    {
        var (type, connectionString) = (options.Clustering.ProviderType, options.Clustering.ConnectionString);
        if (type == ClusteringOptions.Localhost)
        {
            var port = options.GatewayPort == 0 ? EndpointOptions.DEFAULT_GATEWAY_PORT : options.GatewayPort;
            client.UseLocalhostClustering(port, options.ServiceId, options.ClusterId);
            return;
        }

        client.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (options.ServiceId, options.ClusterId));
        switch (type)
        {
            case ClusteringOptions.AdoNet:
                client.UseAdoNetClustering(database => (database.Invariant, database.ConnectionString) = (options.Clustering.Invariant, connectionString));
                break;
            case ClusteringOptions.Redis:
                client.UseRedisClustering(static _ => { });
                client.Services.AddRedisMembership(connectionString);
                break;
            case ClusteringOptions.AzureTableStorage:
                client.UseAzureStorageClustering((AzureStorageGatewayOptions azure) => azure.TableServiceClient = AzureTables.CreateClient(connectionString));
                break;
        }
    }

    /// <summary>Makes Orleans' membership table in Redis use the process's connections.</summary>
    public static void AddRedisMembership(this IServiceCollection services, string connectionString)
    {
        services.TryAddSingleton<RedisConnections>();
        services.AddOptions<RedisClusteringOptions>().Configure<RedisConnections>((redis, connections) =>
        {
            redis.ConfigurationOptions = RedisConnectionString.Parse(connectionString);
            redis.CreateMultiplexer = async _ => (await connections.OpenAsync(connectionString).ConfigureAwait(false), IsShared: true);
        });
    }
}
