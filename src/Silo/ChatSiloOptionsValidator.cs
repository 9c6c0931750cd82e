using System.Net;
using GenAI.Chats.Silo.Clustering;
using GenAI.Chats.Silo.Redis;
using GenAI.Chats.Storage.Postgres;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo;

/// <summary>Checks <see cref="ChatSiloOptions"/> at startup. Each message names the key, its value unless that's a secret, and the rule.</summary>
/// <param name="hostsChats">Whether the process is a silo. A client of the cluster has no grain directory.</param>
internal sealed class ChatSiloOptionsValidator(bool hostsChats) : IValidateOptions<ChatSiloOptions>
{
    private const int MaxPort = 65_535;

    private const string RedisRule = "a Redis connection string with at least one endpoint, for example redis:6379,password=...";

    public ValidateOptionsResult Validate(string? name, ChatSiloOptions options)
    {
        var failures = new List<string>();
        var clustering = options.Clustering;
        Check("Clustering:ProviderType", clustering.ProviderType, ClusteringOptions.ProviderTypes.Contains(clustering.ProviderType), $"one of {string.Join(", ", ClusteringOptions.ProviderTypes)}");
        Check("Clustering:Invariant", clustering.Invariant, clustering is not { ProviderType: ClusteringOptions.AdoNet, Invariant: not "Npgsql" }, "Npgsql");
        switch (clustering.ProviderType)
        {
            case ClusteringOptions.AdoNet:
                CheckSecret(
                    "Clustering:ConnectionString",
                    clustering.ConnectionString,
                    PostgresConnections.IsConnectionString,
                    "an Npgsql connection string that includes Host, for example Host=db;Database=chats. Default: Storage:ConnectionString, if Storage:Provider is Postgres");
                break;
            case ClusteringOptions.Redis:
                CheckSecret("Clustering:ConnectionString", clustering.ConnectionString, RedisConnectionString.IsValid, RedisRule);
                break;
            case ClusteringOptions.AzureTableStorage:
                CheckSecret(
                    "Clustering:ConnectionString",
                    clustering.ConnectionString,
                    AzureTables.IsConnectionString,
                    "the connection string of an Azure Storage account, for example DefaultEndpointsProtocol=https;AccountName=chats;AccountKey=...;EndpointSuffix=core.windows.net");
                break;
        }

        Check(nameof(options.ClusterId), options.ClusterId, options.ClusterId.Length > 0, "a name");
        Check(nameof(options.ServiceId), options.ServiceId, options.ServiceId.Length > 0, "a name");
        CheckDirectory();
        Check(
            nameof(options.AdvertisedAddress),
            options.AdvertisedAddress,
            options.AdvertisedAddress.Length == 0 || IsAddress(options.AdvertisedAddress),
            "an IP address reachable by other silos (not 0.0.0.0)");
        Check(nameof(options.SiloPort), options.SiloPort, options.SiloPort is >= 0 and <= MaxPort, $"a port between 0 and {MaxPort}");
        Check(nameof(options.GatewayPort), options.GatewayPort, options.GatewayPort is >= 0 and <= MaxPort, $"a port between 0 and {MaxPort}");
        Check(
            nameof(options.GatewayPort), options.GatewayPort, options.GatewayPort == 0 || options.GatewayPort != options.SiloPort, "a port other than Orleans:SiloPort");
        Check(nameof(options.ProbeTimeout), options.ProbeTimeout, options.ProbeTimeout >= TimeSpan.FromMilliseconds(500), "at least 00:00:00.5");
        Check(nameof(options.CollectionAge), options.CollectionAge, options.CollectionAge > TimeSpan.FromMinutes(1), "more than 00:01:00");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void CheckDirectory()
        {
            Check(nameof(options.Directory), options.Directory, Enum.IsDefined(options.Directory), "one of Distributed, Default, Redis");
            if (!hostsChats || options.Directory != ChatDirectory.Redis)
            {
                return;
            }

            // The membership of a cluster on Localhost is gone with the process, and Orleans then takes the entries of the previous run for valid.
            Check(
                nameof(options.Directory),
                options.Directory,
                clustering.ProviderType != ClusteringOptions.Localhost,
                "Distributed or Default, because Orleans:Clustering:ProviderType is Localhost");
            CheckSecret(
                nameof(options.DirectoryConnectionString),
                options.DirectoryConnectionString,
                RedisConnectionString.IsValid,
                $"{RedisRule}. Default: Orleans:Clustering:ConnectionString, if Orleans:Clustering:ProviderType is Redis");
        }

        void CheckSecret(string key, string value, Func<string, bool> isValid, string rule)
        {
            if (!isValid(value))
            {
                failures.Add($"{ChatSiloOptions.SectionName}:{key}: {(value.Length == 0 ? "missing value" : "invalid value (hidden)")}. Expected: {rule}.");
            }
        }

        void Check(string key, object value, bool holds, string rule)
        {
            if (!holds)
            {
                failures.Add($"{ChatSiloOptions.SectionName}:{key}: invalid value '{value}'. Expected: {rule}.");
            }
        }
    }

    private static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any);
}
