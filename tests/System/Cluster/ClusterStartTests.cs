using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>A process that can't find its cluster ends with one line for its operator, without secrets. More cases are in the tests of the API.</summary>
public sealed class ClusterStartTests
{
    private const string ConnectionString = "Orleans:Clustering:ConnectionString";

    [Theory]
    [LongInlineData("Server", "AdoNet", "secret-word", "an Npgsql connection string that includes Host")]
    [InlineData("FrontDoor", "AdoNet", "Database=chats;Password=secret-word", "an Npgsql connection string that includes Host")]
    [LongInlineData("FrontDoor", "Redis", "redis:6379,secret-word=secret-word", "a Redis connection string")]
    [LongInlineData("FrontDoor", "AzureTableStorage", "AccountName=chats;AccountKey=secret-word", "the connection string of an Azure Storage account")]
    public async Task Start_InvalidConnectionString_NamesTheKeyAndTheRule(string role, string provider, string value, string rule)
    {
        await using var server = Launch(role, provider, value);

        Assert.Equal(1, await server.ExitAsync());
        Assert.StartsWith($"{ConnectionString}: invalid value (hidden). Expected: {rule}", Assert.Single(server.Errors), StringComparison.Ordinal);
        Assert.Empty(server.Lines);
    }

    [Theory]
    [InlineData("AdoNet", "Host=127.0.0.1;Port=1;Database=chats;Password=secret-word", "cannot use the Postgres server.")]
    [InlineData("Redis", "127.0.0.1:1,password=secret-word", "cannot use the Redis server. The server cannot be reached.")]
    [LongInlineData("AzureTableStorage", "AccountName=chats;AccountKey=c2VjcmV0LXdvcmQ=;TableEndpoint=http://127.0.0.1:1/chats", "cannot use the Azure Table server. Connection refused")]
    public async Task Start_ServerIsUnreachable_NamesTheKeyAndTheCause(string provider, string value, string cause)
    {
        await using var server = Launch("Server", provider, value);

        Assert.Equal(1, await server.ExitAsync());
        Assert.StartsWith($"{ConnectionString}: {cause}", Assert.Single(server.Errors), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AdoNet", "Host=127.0.0.1;Port=1;Database=chats;Password=secret-word")]
    [LongInlineData("Redis", "127.0.0.1:1,password=secret-word")]
    [LongInlineData("AzureTableStorage", "AccountName=chats;AccountKey=c2VjcmV0LXdvcmQ=;TableEndpoint=http://127.0.0.1:1/chats")]
    public async Task Sigterm_FrontDoorWaitsForItsCluster_EndsWithZero(string provider, string value)
    {
        await using var server = Launch("FrontDoor", provider, value);
        await server.LineAsync(line => line.Contains("Can't reach any silo", StringComparison.Ordinal));

        Assert.Equal(0, await server.TerminateAsync());
        Assert.Empty(server.Errors);
        Assert.DoesNotContain(server.Lines, line => line.Contains("secret-word", StringComparison.Ordinal));
    }

    private static ChildProcess Launch(string role, string provider, string connectionString) => ServerProcess.Launch(
        "--Storage:Provider=InMemory", $"--Api:Role={role}", $"--Orleans:Clustering:ProviderType={provider}", $"--{ConnectionString}={connectionString}");
}
