using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests.StandIns;

/// <summary>A build that is for one process says so when it is asked for more, in one sentence that names what is missing.</summary>
public sealed class ClusterRefusedTests
{
    private const string Database = "--Orleans:Clustering:ConnectionString=Host=nowhere";

    public static TheoryData<string, string[]> Settings => new()
    {
        { "Microsoft.Orleans.Clustering.AdoNet", ["--Orleans:Clustering:ProviderType=AdoNet", Database] },
        { "Microsoft.Orleans.Clustering.AzureStorage", ["--Orleans:Clustering:ProviderType=AzureTableStorage"] },
        { "Microsoft.Orleans.Persistence.AzureStorage", ["--Storage:Provider=GrainStorage", "--Storage:ConnectionString=UseDevelopmentStorage=true"] },
        { "Microsoft.Orleans.Client", ["--Api:Role=FrontDoor"] },
        { "Microsoft.Orleans.Client", ["--Api:Role=FrontDoor", "--Orleans:Clustering:ProviderType=AdoNet", Database] },
        { "Microsoft.Orleans.Server", ["--Orleans:GatewayPort=30000"] },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task Start_ServerWithAClusterSetting_NamesThePackageThatIsMissing(string package, string[] settings)
    {
        await using var server = ServerProcess.Launch(["--Storage:Provider=InMemory", .. settings]);

        await AssertRefusedAsync(server, package);
    }

    [Fact]
    public async Task Start_SiloOfItsOwn_NamesThePackageThatIsMissing()
    {
        await using var silo = SiloProcess.Launch(["--Storage:Provider=InMemory"]);

        await AssertRefusedAsync(silo, "Microsoft.Orleans.Server");
    }

    private static async Task AssertRefusedAsync(ChildProcess process, string package)
    {
        Assert.Equal(1, await process.ExitAsync());
        Assert.Contains($"needs the package {package}.", Assert.Single(process.Errors), StringComparison.Ordinal);
        Assert.Empty(process.Lines);
    }
}
