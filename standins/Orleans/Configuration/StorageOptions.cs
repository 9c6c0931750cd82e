using System.Data.Common;
using Azure.Storage.Blobs;
using Orleans.Storage;

namespace Orleans.Configuration;

/// <summary>Memory storage of one process has nothing to configure.</summary>
public class MemoryGrainStorageOptions;

public class AdoNetClusteringSiloOptions
{
    public string? ConnectionString { get; set; }

    public string? Invariant { get; set; }

    public DbDataSource? DataSource { get; set; }
}

public class AdoNetClusteringClientOptions
{
    public string? ConnectionString { get; set; }

    public string? Invariant { get; set; }

    public DbDataSource? DataSource { get; set; }
}

public class AdoNetGrainStorageOptions
{
    public string? ConnectionString { get; set; }

    public string? Invariant { get; set; }

    public DbDataSource? DataSource { get; set; }
}

public class AzureBlobStorageOptions
{
    public string? ContainerName { get; set; }

    public IGrainStorageSerializer? GrainStorageSerializer { get; set; }

    public BlobServiceClient? BlobServiceClient { get; set; }

    public void ConfigureBlobServiceClient(string connectionString) => throw NotHere();

    public void ConfigureBlobServiceClient(Uri serviceUri) => throw NotHere();

    private static PlatformNotSupportedException NotHere() =>
        Hosting.Missing.Package("Microsoft.Orleans.Persistence.AzureStorage", "Azure Blob storage");
}
