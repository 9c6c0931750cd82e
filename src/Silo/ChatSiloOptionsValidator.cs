using System.Net;
using GenAI.Chats.Grains.Storage.Postgres;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo;

/// <summary>Checks <see cref="ChatSiloOptions"/> at start. Each message names the key, its value and the rule.</summary>
internal sealed class ChatSiloOptionsValidator : IValidateOptions<ChatSiloOptions>
{
    private const int MaxPort = 65_535;

    public ValidateOptionsResult Validate(string? name, ChatSiloOptions options)
    {
        var failures = new List<string>();
        var clustering = options.Clustering;
        var overDatabase = clustering.ProviderType == ClusteringOptions.AdoNet;
        Check("Clustering:ProviderType", clustering.ProviderType, clustering.ProviderType.Length > 0, "Localhost, AdoNet, AzureTableStorage, or another provider's name");
        Check("Clustering:Invariant", clustering.Invariant, !overDatabase || clustering.Invariant == "Npgsql", "Npgsql");
        Check(
            "Clustering:ConnectionString",
            clustering.ConnectionString.Length > 0 ? "not shown" : "empty",
            !overDatabase || PostgresConnections.IsConnectionString(clustering.ConnectionString),
            "a Postgres connection string with a Host for the provider AdoNet, unless Storage:Provider is Postgres: then Storage:ConnectionString counts");
        Check(nameof(options.ClusterId), options.ClusterId, options.ClusterId.Length > 0, "a name");
        Check(nameof(options.ServiceId), options.ServiceId, options.ServiceId.Length > 0, "a name");
        Check(nameof(options.Directory), options.Directory, Enum.IsDefined(options.Directory), "Distributed or Default");
        Check(
            nameof(options.AdvertisedAddress),
            options.AdvertisedAddress,
            options.AdvertisedAddress.Length == 0 || IsAddress(options.AdvertisedAddress),
            "an IP address that others reach, not 0.0.0.0");
        Check(nameof(options.SiloPort), options.SiloPort, options.SiloPort is >= 0 and <= MaxPort, $"between 0 and {MaxPort}");
        Check(nameof(options.GatewayPort), options.GatewayPort, options.GatewayPort is >= 0 and <= MaxPort, $"between 0 and {MaxPort}");
        Check(
            nameof(options.GatewayPort), options.GatewayPort, options.GatewayPort == 0 || options.GatewayPort != options.SiloPort, "another than Orleans:SiloPort");
        Check(nameof(options.ProbeTimeout), options.ProbeTimeout, options.ProbeTimeout >= TimeSpan.FromMilliseconds(500), "at least 00:00:00.5");
        Check(nameof(options.CollectionAge), options.CollectionAge, options.CollectionAge > TimeSpan.FromMinutes(1), "more than 00:01:00");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, object value, bool holds, string rule)
        {
            if (!holds)
            {
                failures.Add($"{ChatSiloOptions.SectionName}:{key} is {value}; it must be {rule}.");
            }
        }
    }

    private static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any);
}
