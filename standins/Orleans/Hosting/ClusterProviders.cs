using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Hosting;

// What only a cluster has. Each says which package to install.

public static class AdoNetHostingExtensions
{
    private const string Package = "Microsoft.Orleans.Clustering.AdoNet";

    public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions) =>
        throw Missing.Package(Package, "Clustering over a database");

    public static ISiloBuilder UseAdoNetClustering(
        this ISiloBuilder builder, Action<OptionsBuilder<AdoNetClusteringSiloOptions>> configureOptions) =>
        throw Missing.Package(Package, "Clustering over a database");

    public static IClientBuilder UseAdoNetClustering(this IClientBuilder builder, Action<AdoNetClusteringClientOptions> configureOptions) =>
        throw Missing.Package(Package, "Clustering over a database");
}

public static class AdoNetGrainStorageSiloBuilderExtensions
{
    private const string Package = "Microsoft.Orleans.Persistence.AdoNet";

    public static ISiloBuilder AddAdoNetGrainStorage(
        this ISiloBuilder builder, string name, Action<AdoNetGrainStorageOptions> configureOptions) =>
        throw Missing.Package(Package, "Grain storage in a database");

    public static ISiloBuilder AddAdoNetGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<AdoNetGrainStorageOptions>>? configureOptions = null) =>
        throw Missing.Package(Package, "Grain storage in a database");
}

public static class AzureBlobGrainStorageServiceCollectionExtensions
{
    public static IServiceCollection AddAzureBlobGrainStorage(
        this IServiceCollection services, string name, Action<AzureBlobStorageOptions> configureOptions) =>
        throw Missing.Package("Microsoft.Orleans.Persistence.AzureStorage", "Grain storage in Azure blobs");
}

public static class AzureBlobSiloBuilderExtensions
{
    private const string Package = "Microsoft.Orleans.Persistence.AzureStorage";

    public static ISiloBuilder AddAzureBlobGrainStorage(
        this ISiloBuilder builder, string name, Action<AzureBlobStorageOptions> configureOptions) =>
        throw Missing.Package(Package, "Grain storage in Azure blobs");

    public static ISiloBuilder AddAzureBlobGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<AzureBlobStorageOptions>>? configureOptions = null) =>
        throw Missing.Package(Package, "Grain storage in Azure blobs");
}
