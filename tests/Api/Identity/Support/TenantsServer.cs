using System.Text.Json;
using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.Callers;
using GenAI.Chats.Api.Tests.Hosting;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;

namespace GenAI.Chats.Api.Tests.Identity.Support;

/// <summary>A server with API keys and tokens, and two tenants.</summary>
public sealed class TenantsServer : TestServer
{
    public const string Alpha = "alpha";
    public const string Beta = "beta";

    private static readonly DirectoryInfo Files = Directory.CreateTempSubdirectory("identity");

    private readonly Action<WebApplicationBuilder>? _configure;

    private TenantsServer(Setup setup, Action<WebApplicationBuilder>? configure = null)
        : base(
        [
            "--Authentication:Schemes=ApiKeys,Jwt",
            $"--Authentication:ApiKeys:File={setup.KeysFile}",
            $"--Authentication:Jwt:Issuer={Issuer.Name}",
            $"--Authentication:Jwt:Audience={Issuer.Audience}",
            $"--Authentication:Jwt:JwksFile={setup.KeySetFile}",
            .. setup.Settings,
        ]) => (Keys, Issuer, KeysFile, KeySetFile, _configure) = (setup.Keys, setup.Issuer, setup.KeysFile, setup.KeySetFile, configure);

    public TenantsServer()
        : this(new Setup([]))
    {
    }

    /// <summary>Each tenant's API key.</summary>
    public IReadOnlyDictionary<string, string> Keys { get; }

    internal Issuer Issuer { get; }

    /// <summary>The file of the API keys.</summary>
    public string KeysFile { get; }

    /// <summary>The file of the issuer's keys.</summary>
    public string KeySetFile { get; }

    /// <summary>Starts a server that a test has for itself.</summary>
    public static new async Task<TenantsServer> StartAsync(params string[] settings)
    {
        var server = new TenantsServer(new Setup(settings));
        await server.InitializeAsync();
        return server;
    }

    /// <summary>Starts a server with another keys file than one with each tenant's key, and perhaps with more.</summary>
    public static async Task<TenantsServer> StartWithAsync(
        Func<IEnumerable<(string Id, string Tenant, string Key, DateTimeOffset? Expires)>, string> keysJson, Action<WebApplicationBuilder>? configure = null)
    {
        var server = new TenantsServer(new Setup([]), configure);
        await File.WriteAllTextAsync(server.KeysFile, keysJson(server.Keys.Select(k => (k.Key, k.Key, k.Value, (DateTimeOffset?)null))));
        await server.InitializeAsync();
        return server;
    }

    /// <inheritdoc/>
    protected override void Configure(WebApplicationBuilder builder) => _configure?.Invoke(builder);

    /// <summary>Metadata with a tenant's key.</summary>
    public Metadata As(string tenant) => new() { { "x-api-key", Keys[tenant] } };

    /// <summary>The JSON of a keys file.</summary>
    public static string KeysJson(params IEnumerable<(string Id, string Tenant, string Key, DateTimeOffset? Expires)> keys) => JsonSerializer.Serialize(new
    {
        keys = keys.Select(k => new { id = k.Id, tenant = k.Tenant, hash = SecretHash.Of(k.Key), expires = k.Expires }),
    });

    private sealed class Setup
    {
        public Setup(string[] settings)
        {
            Settings = settings;
            var name = Path.Combine(Files.FullName, Guid.NewGuid().ToString("N"));
            KeysFile = $"{name}-keys.json";
            KeySetFile = $"{name}-jwks.json";
            File.WriteAllText(KeysFile, KeysJson(Keys.Select(k => (k.Key, k.Key, k.Value, (DateTimeOffset?)null))));
            File.WriteAllText(KeySetFile, Support.Issuer.KeySet(Issuer));
        }

        public Issuer Issuer { get; } = new();

        public Dictionary<string, string> Keys { get; } = new() { [Alpha] = ApiKey.New(), [Beta] = ApiKey.New() };

        public string[] Settings { get; }

        public string KeysFile { get; }

        public string KeySetFile { get; }
    }
}
