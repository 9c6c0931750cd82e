namespace GenAI.Chats.Silo;

/// <summary>How the silos of a cluster, and its clients, find each other: the configuration section <c>Orleans</c>.</summary>
public sealed record ChatSiloOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Orleans";

    /// <summary>Names the cluster: silos with the same one find each other. Default <c>chats</c>.</summary>
    public string ClusterId { get; init; } = "chats";

    /// <summary>Names the service. Default <c>chats</c>.</summary>
    public string ServiceId { get; init; } = "chats";

    /// <summary>Where the list of the cluster's silos is kept.</summary>
    public ClusteringOptions Clustering { get; init; } = new();

    /// <summary>How the silos agree on where a chat is. All silos of a cluster have the same. Default <c>Distributed</c>.</summary>
    public ChatDirectory Directory { get; init; } = ChatDirectory.Distributed;

    /// <summary>
    /// The IP address that this silo tells others. Default: the first of this machine that is not loopback; with <c>Localhost</c>, 127.0.0.1.
    /// </summary>
    public string AdvertisedAddress { get; init; } = "";

    /// <summary>The port for other silos. 0: any that is free. Default 0.</summary>
    public int SiloPort { get; init; }

    /// <summary>
    /// The port for clients of the cluster, and, for a client of a cluster on <c>Localhost</c>, the port of its silo. 0: none, or 30000 for a silo that is a
    /// process of its own, and for clients. Default 0.
    /// </summary>
    public int GatewayPort { get; init; }

    /// <summary>How long an answer to a probe may take. Default 2 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a chat that nobody calls stays in memory. Default 10 min.</summary>
    public TimeSpan CollectionAge { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>Where the list of a cluster's silos is kept: the configuration section <c>Orleans:Clustering</c>, which is Orleans' own.</summary>
public sealed record ClusteringOptions
{
    /// <summary>One silo, on this machine.</summary>
    public const string Localhost = "Localhost";

    /// <summary>A Postgres database.</summary>
    public const string AdoNet = "AdoNet";

    /// <summary>
    /// <c>Localhost</c>, <c>AdoNet</c> (Postgres), <c>AzureTableStorage</c>, or another provider whose package the build has. Default <c>Localhost</c>.
    /// </summary>
    public string ProviderType { get; init; } = Localhost;

    /// <summary>How to reach the provider's database. Default, for <c>AdoNet</c>: the chats' own, where they are in Postgres.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>The ADO.NET provider: <c>Npgsql</c>, the only one so far.</summary>
    public string Invariant { get; init; } = "Npgsql";
}

/// <summary>How the silos of a cluster agree on where a chat is.</summary>
public enum ChatDirectory
{
    /// <summary>Consistent among the silos that live: a silo's going ends no chat's activation but its own. Experimental in Orleans.</summary>
    Distributed,

    /// <summary>Orleans' own choice: eventually consistent. A silo's going ends activations on others too, in mid-turn.</summary>
    Default,
}
