using System.Net;
using System.Net.Sockets;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests;

/// <summary>A server that can't start prints the reason.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("Chats:MaxQueuedTurns", "-1", "between 0 and 10000")]
    [LongInlineData("Api:GrpcPort", "70000", "between 0 and 65535")]
    [LongInlineData("Api:Address", "here", "an IP address")]
    [LongInlineData("Storage:Provider", "Paper", "one of Sqlite, Postgres, GrainStorage, InMemory")]
    [LongInlineData("Orleans:Clustering", "AdoNet", "set the provider with Orleans:Clustering:ProviderType")]
    [InlineData("Orleans:Clustering:ProviderType", "ZooKeeper", "Expected: one of Localhost, AdoNet, Redis, AzureTableStorage.")]
    [LongInlineData("Orleans:Directory", "7", "Expected: one of Distributed, Default, Redis.")]
    [LongInlineData("Orleans:AdvertisedAddress", "0.0.0.0", "Expected: an IP address reachable by other silos")]
    [LongInlineData("Orleans:GatewayPort", "-1", "Expected: a port between 0 and 65535.")]
    [LongInlineData("Api:Role", "Boss", "Expected: one of Server, FrontDoor.")]
    [LongInlineData("Models:Routes:0:Provider", "oracle", "Expected: one of echo, gemini")]
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
    public async Task Start_UnknownSetting_NamesTheNearestAndCreatesNothing()
    {
        using var directory = new TestDirectory();
        await using var server = ServerProcess.Launch($"--Storage:Path={directory.Database}", "--Storage:Pth=data/chats.db");

        Assert.Equal(1, await server.ExitAsync());
        Assert.Equal(["Storage:Pth: unknown setting (argument). Did you mean Storage:Path?"], server.Errors);
        Assert.Empty(server.Lines);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
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

    [Theory]
    [InlineData("Api:GrpcPort")]
    [LongInlineData("Api:HttpPort")]
    [LongInlineData("Orleans:SiloPort")]
    public async Task Start_PortInUse_IsOneLineThatNamesThePort(string key)
    {
        using var taken = new TcpListener(key.StartsWith("Api", StringComparison.Ordinal) ? IPAddress.Loopback : IPAddress.Any, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await using var server = ServerProcess.Launch("--Storage:Provider=InMemory", $"--{key}={port}");

        Assert.Equal(1, await server.ExitAsync());
        Assert.Contains(key.StartsWith("Api", StringComparison.Ordinal) ? $"127.0.0.1:{port}" : key, Assert.Single(server.Errors), StringComparison.Ordinal);
        Assert.Empty(server.Lines);
    }

    [Fact]
    public async Task Start_MalformedFile_NamesTheFileAndTheLine()
    {
        const string environment = "Broken";
        var file = Path.Combine(Path.GetDirectoryName(Repository.ServerAssembly)!, $"appsettings.{environment}.json");
        await File.WriteAllTextAsync(file, "{\n  \"Api\": {\n}");
        try
        {
            await using var server = ServerProcess.Launch($"--environment={environment}");

            Assert.Equal(1, await server.ExitAsync());
            var line = Assert.Single(server.Errors);
            Assert.Contains(file, line, StringComparison.Ordinal);
            Assert.Contains("LineNumber: 2", line, StringComparison.Ordinal);
            Assert.Empty(server.Lines);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Start_AddressOfAnotherMachine_NamesTheSection()
    {
        await using var server = ServerProcess.Launch("--Storage:Provider=InMemory", "--Api:Address=192.0.2.1");

        Assert.Equal(1, await server.ExitAsync());
        Assert.StartsWith("Can't listen on the address or ports of section Api: ", Assert.Single(server.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Storage:ConnectionString=Host=127.0.0.1;Port=1;Database=chats;Username=chats;Password=secret", "chats at 127.0.0.1:1. Postgres: can't connect to the server: the connection was refused.")]
    [LongInlineData("--Storage:ConnectionString=Host=missing.invalid;Database=chats;Username=chats;Password=secret", "chats at missing.invalid:5432. Postgres: can't connect to the server: the host name can't be resolved (DNS).")]
    public async Task Start_NoPostgres_NamesTheServerAndTheCause(string setting, string cause)
    {
        await using var server = ServerProcess.Launch("--Storage:Provider=Postgres", setting);

        Assert.Equal(1, await server.ExitAsync());
        Assert.Equal([$"Storage:ConnectionString is {cause}"], server.Errors);
        Assert.Empty(server.Lines);
    }

    [Theory]
    [InlineData("--help")]
    [LongInlineData("--version")]
    [LongInlineData("--help", "--Api:GrpcPort=51408")]
    public async Task Start_Help_CreatesNothing(params string[] args)
    {
        using var directory = new TestDirectory();
        var database = Path.Combine(directory.Path, "missing", "chats.db");
        await using var server = ServerProcess.Launch([$"--Storage:Path={database}", .. args]);

        Assert.Equal(0, await server.ExitAsync());
        Assert.NotEmpty(server.Lines);
        Assert.DoesNotContain(server.Lines, static line => line.StartsWith("gRPC on", StringComparison.Ordinal));
        Assert.False(Directory.Exists(Path.GetDirectoryName(database)));
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
