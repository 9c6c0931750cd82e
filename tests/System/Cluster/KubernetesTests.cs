using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit.Postgres;
using Npgsql;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>Silos in pods, with a scripted API of Kubernetes.</summary>
public sealed class KubernetesTests
{
    private const int Dead = 6;

    // Each process gets a /run of its own, with the files of its service account.
    private const string InPod = "mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io/serviceaccount && cp \"$0\"/* /run/secrets/kubernetes.io/serviceaccount && exec \"$@\"";

    [MountFact]
    public async Task DeletePod_SiloThatIsFrozen_IsDeclaredDeadAtOnce()
    {
        using var directory = new TestDirectory();
        var account = Directory.CreateDirectory(Path.Combine(directory.Path, "account")).FullName;
        var api = Directory.CreateDirectory(Path.Combine(directory.Path, "api")).FullName;
        await WriteCertificateAsync(api, account);
        await File.WriteAllTextAsync(Path.Combine(account, "token"), "token-of-the-pod");
        await File.WriteAllTextAsync(Path.Combine(account, "namespace"), "tests");
        await File.WriteAllTextAsync(Path.Combine(api, "pods"), "silo-1 silo-2");
        await using var server = await Programs.StartAsync(Programs.Python, "tests/System/Cluster/kubernetes.py", api);
        var port = await server.LineAsync(static line => line.Length > 0);
        var database = await (await PostgresServer.SharedAsync()).CreateSchemaAsync();
        await using var source = PostgresServer.Open(database);

        await using var first = await StartAsync("silo-1", account, port, database);
        await using var second = await StartAsync("silo-2", account, port, database);
        await TimeLimit.UntilAsync(
            () => Task.FromResult(server.Lines.Count(static line => line.Contains("watch=true", StringComparison.Ordinal))), static watches => watches >= 2);

        // Probes would need minutes: see the settings.
        await second.SignalAsync("STOP");
        await File.WriteAllTextAsync(Path.Combine(api, "pods"), "silo-1");
        await TimeLimit.UntilAsync(() => StatusAsync(source, "silo-2"), static status => status == Dead);
        Assert.NotEqual(Dead, await StatusAsync(source, "silo-1"));
    }

    private static async Task<ChildProcess> StartAsync(string name, string account, string port, string database)
    {
        var environment = new Dictionary<string, string>
        {
            ["KUBERNETES_SERVICE_HOST"] = "127.0.0.1",
            ["KUBERNETES_SERVICE_PORT"] = port,
            ["POD_NAMESPACE"] = "tests",
            ["POD_NAME"] = name,
        };
        var process = ChildProcess.Start(
            "unshare",
            [
                "--mount", "sh", "-c", InPod, account, "dotnet", Repository.SiloAssembly, "--Silo:HealthGrpcPort=0", "--Silo:HttpPort=0",
                $"--Orleans:GatewayPort={TestKit.ReservedPort.Next()}", "--Orleans:AdvertisedAddress=127.0.0.1", "--Orleans:Clustering:ProviderType=AdoNet",
                "--Storage:Provider=Postgres", $"--Storage:ConnectionString={database}", "--Orleans:Kubernetes=true", "--Orleans:ProbeTimeout=00:05:00",
            ],
            environment);
        await process.LineAsync(static line => line.StartsWith("Silo on ", StringComparison.Ordinal));
        return process;
    }

    private static async Task<int> StatusAsync(NpgsqlDataSource source, string silo)
    {
        await using var command = source.CreateCommand("SELECT status FROM chats_cluster_silo WHERE silo_name = $1");
        command.Parameters.AddWithValue(silo);
        return Convert.ToInt32(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private static async Task WriteCertificateAsync(string api, string account)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kubernetes", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(account, "ca.crt"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(api, "server.pem"), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
    }
}
