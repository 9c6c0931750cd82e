using GenAI.Chats.Silo.Redis;
using GenAI.Chats.Storage.Postgres.Connections;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>Checks <see cref="ChatSiloOptions"/> at startup.</summary>
internal static class ChatSiloOptionsValidator
{
    private const string ClusteringKey = $"{nameof(ChatSiloOptions.Clustering)}:";
    private const string RedisRule = "a Redis connection string with at least one endpoint, for example redis:6379,password=...";

    /// <summary>Checks the options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="hostsChats">Whether the process is a silo. A client of the cluster has no grain directory.</param>
    public static ValidateOptionsResult Validate(ChatSiloOptions options, bool hostsChats)
    {
        var check = new SettingsCheck(ChatSiloOptions.SectionName);
        CheckClustering(check, options.Clustering);
        check.Require(options.ClusterId.Length > 0, nameof(options.ClusterId), options.ClusterId, "a name");
        check.Require(options.ServiceId.Length > 0, nameof(options.ServiceId), options.ServiceId, "a name");
        check.Require(Enum.IsDefined(options.Directory), nameof(options.Directory), options.Directory, "one of Distributed, Default, Redis");
        if (hostsChats && options.Directory == ChatDirectory.Redis)
        {
            CheckRedisDirectory(check, options);
        }

        check.Require(
            options.AdvertisedAddress.Length == 0 || IsAddress(options.AdvertisedAddress),
            nameof(options.AdvertisedAddress),
            options.AdvertisedAddress,
            "an IP address reachable by other silos (not 0.0.0.0)");
        if (hostsChats && options.Kubernetes)
        {
            var obstacle = options.Clustering.ProviderType == ClusteringOptions.Localhost ? "Orleans:Clustering:ProviderType is Localhost" : KubernetesPod.FindMissing();
            check.Require(obstacle is null, nameof(options.Kubernetes), options.Kubernetes, $"False, because {obstacle}");
        }

        check.RequirePort(nameof(options.SiloPort), options.SiloPort);
        check.RequirePort(nameof(options.GatewayPort), options.GatewayPort);
        check.Require(
            options.GatewayPort == 0 || options.GatewayPort != options.SiloPort, nameof(options.GatewayPort), options.GatewayPort, "a port other than Orleans:SiloPort");
        check.Require(options.ProbeTimeout >= TimeSpan.FromMilliseconds(500), nameof(options.ProbeTimeout), options.ProbeTimeout, "at least 00:00:00.5");
        check.Require(options.CollectionAge > TimeSpan.FromMinutes(1), nameof(options.CollectionAge), options.CollectionAge, "more than 00:01:00");
        return check.Result;
    }

    private static void CheckClustering(SettingsCheck check, ClusteringOptions clustering)
    {
        check.Require(
            ClusteringOptions.ProviderTypes.Contains(clustering.ProviderType),
            ClusteringKey + nameof(clustering.ProviderType),
            clustering.ProviderType,
            $"one of {string.Join(", ", ClusteringOptions.ProviderTypes)}");
        check.Require(
            clustering is not { ProviderType: ClusteringOptions.AdoNet, Invariant: not "Npgsql" },
            ClusteringKey + nameof(clustering.Invariant),
            clustering.Invariant,
            "Npgsql");
        (bool IsValid, string Rule) found = clustering.ProviderType switch
        {
            ClusteringOptions.AdoNet => (
                PostgresConnectionString.IsValid(clustering.ConnectionString),
                "an Npgsql connection string that includes Host, for example Host=db;Database=chats. Default: Storage:ConnectionString, if Storage:Provider is Postgres"),
            ClusteringOptions.Redis => (RedisConnectionString.IsValid(clustering.ConnectionString), RedisRule),
            ClusteringOptions.AzureTableStorage => (
                AzureTables.IsConnectionString(clustering.ConnectionString),
                "the connection string of an Azure Storage account, for example DefaultEndpointsProtocol=https;AccountName=chats;AccountKey=...;EndpointSuffix=core.windows.net"),
            _ => (true, ""),
        };
        check.RequireSecret(found.IsValid, ClusteringKey + nameof(clustering.ConnectionString), clustering.ConnectionString, found.Rule);
    }

    private static void CheckRedisDirectory(SettingsCheck check, ChatSiloOptions options)
    {
        // The membership table of Localhost is lost when the process ends, and Orleans would then use entries of the previous run.
        check.Require(
            options.Clustering.ProviderType != ClusteringOptions.Localhost,
            nameof(options.Directory),
            options.Directory,
            "Distributed or Default, because Orleans:Clustering:ProviderType is Localhost");
        check.RequireSecret(
            RedisConnectionString.IsValid(options.DirectoryConnectionString),
            nameof(options.DirectoryConnectionString),
            options.DirectoryConnectionString,
            $"{RedisRule}. Default: Orleans:Clustering:ConnectionString, if Orleans:Clustering:ProviderType is Redis");
    }

    private static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any);
}
