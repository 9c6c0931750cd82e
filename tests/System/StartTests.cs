using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests;

/// <summary>A server that can't start prints the reason.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("Chats:MaxQueuedTurns", "-1", "between 0 and 10000")]
    [InlineData("Api:GrpcPort", "70000", "between 0 and 65535")]
    [InlineData("Api:Address", "here", "an IP address")]
    [InlineData("Storage:Provider", "Paper", "one of Sqlite, Postgres, GrainStorage, InMemory")]
    [InlineData("Orleans:Clustering", "AdoNet", "set the provider with Orleans:Clustering:ProviderType")]
    [InlineData("Orleans:Clustering:ProviderType", "ZooKeeper", "Expected: one of Localhost, AdoNet, Redis, AzureTableStorage.")]
    [InlineData("Orleans:Directory", "7", "Expected: one of Distributed, Default, Redis.")]
    [InlineData("Orleans:AdvertisedAddress", "0.0.0.0", "Expected: an IP address reachable by other silos")]
    [InlineData("Orleans:GatewayPort", "-1", "Expected: a port between 0 and 65535.")]
    [InlineData("Api:Role", "Boss", "Expected: one of Server, FrontDoor.")]
    [InlineData("Models:Routes:0:Provider", "oracle", "Expected: one of echo, gemini")]
    [InlineData("Chats:DrainTimeout", "soon", "Expected: a duration, for example 00:00:30.")]
    public async Task Start_WrongOption_EndsWithKeyValueAndRule(string key, string value, string rule)
    {
        await using var server = ServerProcess.Launch("--Storage:Provider=InMemory", "--Models:Routes:0:Name=any", $"--{key}={value}");

        var code = await server.ExitAsync();

        Assert.Equal(1, code);
        Assert.Contains(server.Errors, line => Names(line, key, value, rule));
        Assert.All(server.Errors, line => Assert.DoesNotContain("   at ", line, StringComparison.Ordinal));
        Assert.Empty(server.Lines);
    }

    [Fact]
    public async Task Start_UnknownSetting_NamesTheNearest()
    {
        await using var server = ServerProcess.Launch("--Storage:Pth=data/chats.db");

        Assert.Equal(1, await server.ExitAsync());
        Assert.Equal(["Storage:Pth: unknown setting (argument). Did you mean Storage:Path?"], server.Errors);
    }

    [Fact]
    public async Task Start_SeveralWrongOptions_NamesThemAll()
    {
        await using var server = ServerProcess.Launch("--Chats:MaxTurns=0", "--Chats:MaxRecoveryAttempts=-3");

        Assert.Equal(1, await server.ExitAsync());
        Assert.Collection(
            server.Errors,
            line => Assert.StartsWith("Chats:MaxTurns: invalid value '0'. Expected:", line, StringComparison.Ordinal),
            line => Assert.StartsWith("Chats:MaxRecoveryAttempts: invalid value '-3'. Expected:", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_PortInUse_NamesThePort()
    {
        using var directory = new TestDirectory();
        await using var first = await ServerProcess.StartAsync(directory.Database);
        var port = first.Address.Split(':')[1];

        await using var second = ServerProcess.Launch("--Storage:Provider=InMemory", $"--Api:GrpcPort={port}");

        Assert.Equal(1, await second.ExitAsync());
        Assert.Contains($"127.0.0.1:{port}", Assert.Single(second.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DatabaseIsADirectory_NamesTheCause()
    {
        using var directory = new TestDirectory();
        await using var server = ServerProcess.Launch($"--Storage:Path={directory.Path}");

        Assert.Equal(1, await server.ExitAsync());
        Assert.Contains(directory.Path, Assert.Single(server.Errors), StringComparison.Ordinal);
    }

    private static bool Names(string line, params string[] parts) => parts.All(part => line.Contains(part, StringComparison.Ordinal));
}
