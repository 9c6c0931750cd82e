using Microsoft.Extensions.Diagnostics.Metrics;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>
/// A host builder that hides the configuration section <c>Orleans:Clustering</c>. Otherwise Orleans would set up that provider, too.
/// </summary>
internal sealed class OrleansHostBuilder(IHostApplicationBuilder host) : IHostApplicationBuilder
{
    private const string Hidden = $"{ChatSiloOptions.SectionName}:{nameof(ChatSiloOptions.Clustering)}:";

    public IConfigurationManager Configuration { get; } = WithoutClustering(host.Configuration);

    public IDictionary<object, object> Properties => host.Properties;

    public IHostEnvironment Environment => host.Environment;

    public ILoggingBuilder Logging => host.Logging;

    public IMetricsBuilder Metrics => host.Metrics;

    public IServiceCollection Services => host.Services;

    public void ConfigureContainer<TContainerBuilder>(IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => host.ConfigureContainer(factory, configure);

    private static ConfigurationManager WithoutClustering(IConfiguration configuration)
    {
        var copy = new ConfigurationManager();
        copy.AddInMemoryCollection(configuration.AsEnumerable().Where(static setting => !$"{setting.Key}:".StartsWith(Hidden, StringComparison.OrdinalIgnoreCase)));
        return copy;
    }
}
