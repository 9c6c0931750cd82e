using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>Reads <see cref="ChatSiloOptions"/>, before there is a host that could: Orleans is set up with them.</summary>
internal static class ChatSiloSettings
{
    private const string ProviderTypeKey = $"{ChatSiloOptions.SectionName}:Clustering:ProviderType";

    /// <exception cref="OptionsValidationException">They are wrong.</exception>
    public static ChatSiloOptions Read(IConfigurationManager configuration)
    {
        var section = configuration.GetSection(ChatSiloOptions.SectionName);
        if (section.GetSection(nameof(ChatSiloOptions.Clustering)).Value is { } value)
        {
            throw Wrong($"{ChatSiloOptions.SectionName}:Clustering is {value}; it must be a section: {ProviderTypeKey} names the provider.");
        }

        var options = section.Get<ChatSiloOptions>() ?? new ChatSiloOptions();
        if (options.Clustering is { ProviderType: ClusteringOptions.AdoNet, ConnectionString: "" } && IsPostgres(configuration["Storage:Provider"]))
        {
            options = options with { Clustering = options.Clustering with { ConnectionString = configuration["Storage:ConnectionString"] ?? "" } };
        }

        var result = new ChatSiloOptionsValidator().Validate(null, options);
        if (result.Failed)
        {
            throw new OptionsValidationException(ChatSiloOptions.SectionName, typeof(ChatSiloOptions), result.Failures);
        }

        if (configuration[ProviderTypeKey] == ClusteringOptions.Localhost)
        {
            // Orleans reads the same key, and has another name for it.
            configuration[ProviderTypeKey] = "Development";
        }

        return options;
    }

    /// <summary>Has Orleans set itself up, which fails where it does not know the provider.</summary>
    /// <exception cref="OptionsValidationException">The build has no such provider.</exception>
    public static void Apply(ChatSiloOptions options, Action useOrleans)
    {
        try
        {
            useOrleans();
        }
        catch (InvalidOperationException unknown) when (unknown.Message.Contains("Clustering provider", StringComparison.Ordinal))
        {
            throw Wrong(
                $"{ProviderTypeKey} is {options.Clustering.ProviderType}; it must be the name of a provider whose package this build has. "
                + "AzureTableStorage needs Microsoft.Orleans.Clustering.AzureStorage: build with -p:AzureClustering=true.");
        }
    }

    private static bool IsPostgres(string? provider) => string.Equals(provider, "Postgres", StringComparison.OrdinalIgnoreCase);

    private static OptionsValidationException Wrong(string failure) => new(ChatSiloOptions.SectionName, typeof(ChatSiloOptions), [failure]);
}
