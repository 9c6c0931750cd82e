using System.Text.Json;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Postgres;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>The programs start with the environments that docker-compose.yml and the Kubernetes manifests give them, and make a cluster.</summary>
public sealed class ManifestTests
{
    // What depends on the machine: addresses, ports, the database. Arguments stand before the environment.
    private static readonly string[] ServerPorts = ["--Api:Address=127.0.0.1", "--Api:GrpcPort=0", "--Api:HttpPort=0"];
    private static readonly string[] Here = ["--Orleans:AdvertisedAddress=127.0.0.1", "--Orleans:SiloPort=0", "--Silo:Address=127.0.0.1", "--Orleans:Kubernetes=false"];

    public static TheoryData<string> Deployments =>
    [
        "docker-compose.yml: ",
        "deploy/k8s/base: ",
        "deploy/k8s/overlays/production: ",
        "deploy/helm/genai-chats: ",
    ];

    [LongTheory]
    [MemberData(nameof(Deployments))]
    public async Task Environments_OfADeployment_MakeACluster(string deployment)
    {
        var database = await (await PostgresServer.SharedAsync()).CreateSchemaAsync();
        var workloads = JsonSerializer.Deserialize<Workload[]>(
            string.Concat(await Programs.RunAsync(Programs.Python, "eng/check-deploy.py", "--environments")), JsonSerializerOptions.Web)!;
        var mine = workloads.Where(workload => workload.Name.StartsWith(deployment, StringComparison.Ordinal)).ToList();
        var silo = mine.First(workload => workload.Program == "GenAI.Chats.Silo.dll");
        var door = mine.First(workload => workload.Program == "GenAI.Chats.Api.dll");
        string[] settings = [$"--Orleans:Clustering:ConnectionString={database}", $"--Storage:ConnectionString={database}", .. Here];

        await using var first = await SiloProcess.StartAsync(settings, silo.Variables);
        await using var server = await ServerProcess.GreetedAsync(
            ChildProcess.Start("dotnet", [Path.Combine(Path.GetDirectoryName(Repository.ServerAssembly)!, door.Program), .. settings, .. ServerPorts], door.Variables));

        var chat = await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model });
        Assert.Equal(1, (await server.Client.SendMessageAsync(Scene.Send(chat.Name, "send", words: 2, pauseMilliseconds: 1))).Turn.Revision);
    }

    private sealed record Workload(string Name, string Program, Dictionary<string, string> Environment)
    {
        /// <summary>Without what comes from secrets and from the pod.</summary>
        public Dictionary<string, string> Variables => Environment.Where(v => !v.Value.StartsWith('<')).ToDictionary(v => v.Key, v => v.Value);
    }
}
