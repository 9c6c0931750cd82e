using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>A process that cannot find its cluster says so in words for whoever started it, without secrets.</summary>
public sealed class ClusterStartTests
{
    private const string ConnectionString = "Orleans:Clustering:ConnectionString";

    [Theory]
    [InlineData("Server", "secret-word")]
    [InlineData("Server", "Host=127.0.0.1;Port=secret-word")]
    [InlineData("FrontDoor", "Database=chats;Password=secret-word")]
    public async Task Start_NoConnectionString_SaysWhatItMustBe(string role, string value)
    {
        await using var server = Launch(role, value);

        Assert.Equal(1, await server.ExitAsync());
        Assert.StartsWith(ConnectionString + " is not shown; it must be a Postgres connection string with a Host ", Assert.Single(server.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DatabaseOfTheSilosIsNotThere_SaysSo()
    {
        await using var server = Launch("Server", "Host=127.0.0.1;Port=1;Database=chats;Password=secret-word");

        Assert.Equal(1, await server.ExitAsync());
        Assert.StartsWith("The cluster's tables (Orleans:Clustering): ", Assert.Single(server.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sigterm_FrontDoorWaitsForItsCluster_EndsWithZero()
    {
        await using var server = Launch("FrontDoor", "Host=127.0.0.1;Port=1;Database=chats;Password=secret-word");
        await server.LineAsync(line => line.Contains("No silo of the cluster could be found", StringComparison.Ordinal));

        Assert.Equal(0, await server.TerminateAsync());
        Assert.Empty(server.Errors);
    }

    private static ChildProcess Launch(string role, string connectionString) => ServerProcess.Launch(
        "--Storage:Provider=InMemory", $"--Api:Role={role}", "--Orleans:Clustering:ProviderType=AdoNet", $"--{ConnectionString}={connectionString}");
}
