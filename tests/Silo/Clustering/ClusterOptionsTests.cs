using System.Net.Sockets;
using Azure;
using GenAI.Chats.Silo.Clustering;
using GenAI.Chats.Silo.Hosting;
using GenAI.Chats.TestKit.Redis;
using Microsoft.Extensions.Configuration;
using StackExchange.Redis;

namespace GenAI.Chats.Silo.Tests.Clustering;

/// <summary>A silo with invalid cluster settings, or whose cluster's servers are unavailable, doesn't start and prints one line without secrets.</summary>
public sealed class ClusterOptionsTests
{
    private const string AdoNet = "--Orleans:Clustering:ProviderType=AdoNet";
    private const string Redis = "--Orleans:Clustering:ProviderType=Redis";
    private const string AzureTables = "--Orleans:Clustering:ProviderType=AzureTableStorage";
    private const string RedisDirectory = "--Orleans:Directory=Redis";
    private const string Connection = "--Orleans:Clustering:ConnectionString=";
    private const string DirectoryConnection = "--Orleans:DirectoryConnectionString=";

    [Theory]
    [InlineData("Orleans:Clustering:ProviderType: invalid value 'Consul'. Expected: one of Localhost, AdoNet, Redis, AzureTableStorage.", "--Orleans:Clustering:ProviderType=Consul")]
    [InlineData("Orleans:Clustering:ProviderType: missing value. Expected: one of ", "--Orleans:Clustering:ProviderType=")]
    [InlineData("Orleans:Clustering:ConnectionString: missing value. Expected: an Npgsql", AdoNet)]
    [InlineData("Orleans:Clustering:ConnectionString: missing value. Expected: a Redis connection string", Redis)]
    [InlineData("Orleans:Clustering:ConnectionString: missing value. Expected: the connection string of an Azure", AzureTables)]
    [InlineData("Orleans:Clustering:ConnectionString: invalid value (hidden). Expected: an Npgsql", AdoNet, Connection + "Host=127.0.0.1;Port=secret-word")]
    [InlineData("Orleans:Clustering:ConnectionString: invalid value (hidden). Expected: a Redis", Redis, Connection + "password=secret-word")]
    [InlineData("Orleans:Clustering:ConnectionString: invalid value (hidden). Expected: a Redis", Redis, Connection + "redis:6379,connectTimeout=secret-word")]
    [InlineData("Orleans:Clustering:ConnectionString: invalid value (hidden). Expected: the", AzureTables, Connection + "secret-word")]
    [InlineData("Orleans:Clustering:ConnectionString: invalid value (hidden). Expected: the", AzureTables, Connection + "AccountName=chats;AccountKey=secret-word;EndpointSuffix=core.windows.net")]
    [InlineData("Orleans:Clustering:Invariant: invalid value 'MySql.Data'. Expected: Npgsql.", AdoNet, Connection + "Host=db", "--Orleans:Clustering:Invariant=MySql.Data")]
    [InlineData("Orleans:Kubernetes: invalid value 'True'. Expected: False, because Orleans:Clustering:ProviderType is Localhost.", "--Orleans:Kubernetes=true")]
    [InlineData("Orleans:Kubernetes: invalid value 'True'. Expected: False, because this process isn't in a Kubernetes pod: KUBERNETES_SERVICE_HOST isn't set.", AdoNet, Connection + "Host=db", "--Orleans:Kubernetes=true")]
    [InlineData("Orleans:Directory: invalid value 'Redis'. Expected: Distributed or Default, because", RedisDirectory, DirectoryConnection + "redis:6379")]
    [InlineData("Orleans:DirectoryConnectionString: missing value. Expected: a Redis", AdoNet, Connection + "Host=db", RedisDirectory)]
    [InlineData("Orleans:DirectoryConnectionString: invalid value (hidden). Expected: a Redis", AdoNet, Connection + "Host=db", RedisDirectory, DirectoryConnection + "password=secret-word")]
    public void Build_InvalidSetting_NamesTheKeyAndTheRule(string message, params string[] settings)
    {
        var line = Explain(Assert.ThrowsAny<Exception>(() => SiloServer.Build(settings)));

        Assert.StartsWith(message, line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-word", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void Read_RedisDirectoryOfAClient_NeedsNoConnectionString() => ChatSiloSettings.Read(
        new ConfigurationBuilder().AddCommandLine([AdoNet, Connection + "Host=db", RedisDirectory]).Build(), hostsChats: false);

    [Fact]
    public async Task Start_RedisDirectoryIsUnreachable_NamesItsKey()
    {
        await using var redis = await RedisServer.StartNewAsync();

        var line = await StartAsync(Redis, Connection + redis.ConnectionString, RedisDirectory, DirectoryConnection + "127.0.0.1:1,password=secret-word");

        Assert.StartsWith("Orleans:DirectoryConnectionString: cannot use the Redis server. The server cannot be reached.", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_RedisRejectsThePassword_NamesTheCause()
    {
        await using var redis = await RedisServer.StartNewAsync("--requirepass", "another");

        var line = await StartAsync(Redis, $"{Connection}{redis.ConnectionString},password=secret-word");

        Assert.Equal("Orleans:Clustering:ConnectionString: cannot use the Redis server. The server rejected the user or the password.", line);
    }

    [Fact]
    public async Task Start_RedisIsAReplica_NamesTheCause()
    {
        await using var redis = await RedisServer.StartNewAsync("--replicaof", "127.0.0.1", "1");

        var line = await StartAsync(Redis, Connection + redis.ConnectionString);

        Assert.Equal("Orleans:Clustering:ConnectionString: cannot use the Redis server. The server is a replica and accepts no writes.", line);
    }

    [Fact]
    public void Describe_FailuresOfTheServers_AreOneSentence()
    {
        Assert.Equal(
            "The server replied with status 403 (AuthenticationFailed).",
            ClusterErrors.Describe(new RequestFailedException(403, "Headers:\nsecret-word", "AuthenticationFailed", null)));
        Assert.Equal("The server replied with status 500.", ClusterErrors.Describe(new RequestFailedException(500, "Headers:")));
        Assert.Equal(
            "Name or service not known.",
            ClusterErrors.Describe(new AggregateException(new RequestFailedException(0, "Name or service not known\nmore", new SocketException()))));
        Assert.Equal("The server did not respond in time.", ClusterErrors.Describe(new AggregateException(new TaskCanceledException())));
        Assert.Equal("The server did not respond in time.", ClusterErrors.Describe(new RedisTimeoutException("state", CommandStatus.Unknown)));
        Assert.Equal("The server replied: NOPERM no permissions.", ClusterErrors.Describe(new RedisServerException("NOPERM no permissions")));
        Assert.Null(ClusterErrors.Describe(new InvalidOperationException("a defect")));
    }

    private static async Task<string> StartAsync(params string[] settings)
    {
        await using var server = SiloServer.Build([.. settings, "--Storage:Provider=InMemory", "--Silo:HealthGrpcPort=0", "--Silo:HttpPort=0", "--Logging:Console:LogLevel:Default=None"]);
        var line = Explain(await Assert.ThrowsAnyAsync<Exception>(() => server.StartAsync()));
        Assert.DoesNotContain("secret-word", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        return line;
    }

    private static string Explain(Exception failure) => StartFailure.Explain(failure, SiloServerOptions.SectionName) ?? throw failure;
}
