namespace Orleans.Hosting;

internal static class Missing
{
    public static PlatformNotSupportedException ClusteringProvider(string name) =>
        Package(name == "AzureTableStorage" ? "Microsoft.Orleans.Clustering.AzureStorage" : $"Microsoft.Orleans.Clustering.{name}", $"The clustering provider {name}");

    public static PlatformNotSupportedException Package(string package, string what) =>
        new($"{what} needs the package {package}. This build was made with stand-ins, for one process: build with UseStandIns=false.");
}
