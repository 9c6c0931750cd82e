namespace GenAI.Chats.Silo.Clustering;

/// <summary>Reads <see cref="ChatSiloOptions"/> before the host is built, because Orleans is set up with them.</summary>
internal static class ChatSiloSettings
{
    private const string ClusteringKey = $"{ChatSiloOptions.SectionName}:{nameof(ChatSiloOptions.Clustering)}";

    /// <summary>Reads and checks the section, and fills in the connection strings that default to others.</summary>
    /// <param name="configuration">The host's configuration.</param>
    /// <param name="hostsChats">Whether the process is a silo. A client of the cluster has no grain directory.</param>
    /// <exception cref="OptionsValidationException">A setting is invalid.</exception>
    public static ChatSiloOptions Read(IConfiguration configuration, bool hostsChats = true)
    {
        var section = configuration.GetSection(ChatSiloOptions.SectionName);
        if (section.GetSection(nameof(ChatSiloOptions.Clustering)).Value is { } value)
        {
            throw new OptionsValidationException(
                ChatSiloOptions.SectionName,
                typeof(ChatSiloOptions),
                [$"{ClusteringKey}: invalid value '{value}'. Expected: a section; set the provider with {ClusteringKey}:{nameof(ClusteringOptions.ProviderType)}."]);
        }

        var options = WithDefaults(section.Get<ChatSiloOptions>() ?? new ChatSiloOptions(), configuration.GetSection("Storage"));
        var result = ChatSiloOptionsValidator.Validate(options, hostsChats);
        return result.Failed
            ? throw new OptionsValidationException(ChatSiloOptions.SectionName, typeof(ChatSiloOptions), result.Failures)
            : options;
    }

    private static ChatSiloOptions WithDefaults(ChatSiloOptions options, IConfigurationSection storage)
    {
        var clustering = options.Clustering;
        clustering = clustering with
        {
            ProviderType = ClusteringOptions.ProviderTypes.FirstOrDefault(type => AreSame(type, clustering.ProviderType)) ?? clustering.ProviderType,
        };
        if (clustering is { ProviderType: ClusteringOptions.AdoNet, ConnectionString: "" } && AreSame(storage["Provider"], "Postgres"))
        {
            clustering = clustering with { ConnectionString = storage["ConnectionString"] ?? "" };
        }

        return options with
        {
            Clustering = clustering,
            DirectoryConnectionString = options.DirectoryConnectionString.Length == 0 && clustering.ProviderType == ClusteringOptions.Redis
                ? clustering.ConnectionString
                : options.DirectoryConnectionString,
        };
    }

    private static bool AreSame(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
