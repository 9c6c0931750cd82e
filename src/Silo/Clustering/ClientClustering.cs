using Orleans.Configuration;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>Sets up how a client finds the silos of its cluster.</summary>
internal static class ClientClustering
{
    public static void UseChatCluster(this IClientBuilder client, ChatSiloOptions options)
    {
        var clustering = options.Clustering;
        if (clustering.ProviderType == ClusteringOptions.Localhost)
        {
            var port = options.GatewayPort == 0 ? EndpointOptions.DEFAULT_GATEWAY_PORT : options.GatewayPort;
            client.UseLocalhostClustering(port, options.ServiceId, options.ClusterId);
            return;
        }

        client.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (options.ServiceId, options.ClusterId));
        if (clustering.ProviderType == ClusteringOptions.AdoNet)
        {
            client.UseAdoNetClustering(database => (database.Invariant, database.ConnectionString) = (clustering.Invariant, clustering.ConnectionString));
        }
    }
}
