namespace GenAI.Chats.Silo.Clustering;

/// <summary>The cluster: the configuration section <c>Orleans</c>.</summary>
public sealed record ChatSiloOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Orleans";

    /// <summary>The cluster's name. Silos with the same name form one cluster. Default <c>chats</c>.</summary>
    public string ClusterId { get; init; } = "chats";

    /// <summary>The service's name. Default <c>chats</c>.</summary>
    public string ServiceId { get; init; } = "chats";

    /// <summary>Where the cluster's membership table is kept.</summary>
    public ClusteringOptions Clustering { get; init; } = new();

    /// <summary>The grain directory: how silos agree on where a chat is active. Must be the same on all silos. Default <c>Distributed</c>.</summary>
    public ChatDirectory Directory { get; init; } = ChatDirectory.Distributed;

    /// <summary>
    /// The connection string of the <c>Redis</c> grain directory. A secret. Default: <c>Orleans:Clustering:ConnectionString</c>, if the clustering provider is
    /// <c>Redis</c>.
    /// </summary>
    public string DirectoryConnectionString { get; init; } = "";

    /// <summary>
    /// Whether the Orleans Dashboard is served at <c>/orleans</c> on the HTTP port. Must be the same on all silos. Default false.
    /// </summary>
    public bool Dashboard { get; init; }

    /// <summary>
    /// The IP address that this silo publishes to others. Not 0.0.0.0. Default: the first address of this machine that isn't loopback; 127.0.0.1 with <c>Localhost</c>.
    /// </summary>
    public string AdvertisedAddress { get; init; } = "";

    /// <summary>The port for other silos. 0: any free port. Default 0.</summary>
    public int SiloPort { get; init; }

    /// <summary>
    /// The port for front doors. For a front door with <c>Localhost</c>, the port of its silo. 0: no port; 30000 for a silo that is its own process, and for front
    /// doors. Default 0.
    /// </summary>
    public int GatewayPort { get; init; }

    /// <summary>
    /// Whether this silo is a Kubernetes pod, with a service account, that watches the pods of its cluster. If a pod is deleted, its silo is then declared dead at
    /// once. Default false.
    /// </summary>
    public bool Kubernetes { get; init; }

    /// <summary>The time limit of a probe of another silo, at least 0.5 s. Default 2 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an idle chat stays in memory, more than 1 min. Default 10 min.</summary>
    public TimeSpan CollectionAge { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>Where a cluster's membership table is kept: the configuration section <c>Orleans:Clustering</c>.</summary>
public sealed record ClusteringOptions
{
    /// <summary>One silo, on this machine.</summary>
    public const string Localhost = "Localhost";

    /// <summary>A Postgres database.</summary>
    public const string AdoNet = "AdoNet";

    /// <summary>A Redis server.</summary>
    public const string Redis = "Redis";

    /// <summary>The table service of an Azure Storage account.</summary>
    public const string AzureTableStorage = "AzureTableStorage";

    /// <summary>The valid values of <see cref="ProviderType"/>.</summary>
    public static IReadOnlyList<string> ProviderTypes { get; } = [Localhost, AdoNet, Redis, AzureTableStorage];

    /// <summary>The provider: <c>Localhost</c>, <c>AdoNet</c>, <c>Redis</c>, or <c>AzureTableStorage</c>. Default <c>Localhost</c>.</summary>
    public string ProviderType { get; init; } = Localhost;

    /// <summary>
    /// The connection string of the provider's server. A secret. Default for <c>AdoNet</c>: <c>Storage:ConnectionString</c>, if <c>Storage:Provider</c> is
    /// <c>Postgres</c>.
    /// </summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>The ADO.NET provider for <c>AdoNet</c>. Only <c>Npgsql</c> is supported.</summary>
    public string Invariant { get; init; } = "Npgsql";
}

/// <summary>A grain directory: how the silos of a cluster agree on where a chat is active.</summary>
public enum ChatDirectory
{
    /// <summary>
    /// Orleans' distributed grain directory. It's strongly consistent: if a silo leaves, activations on other silos stay. Experimental in Orleans.
    /// </summary>
    Distributed,

    /// <summary>Orleans' default grain directory. It's eventually consistent: if a silo leaves, activations on other silos can end too, during a turn.</summary>
    Default,

    /// <summary>A directory in Redis. It's strongly consistent, and each activation of a chat costs a request to Redis.</summary>
    Redis,
}
