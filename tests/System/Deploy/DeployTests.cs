using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Deploy;

/// <summary>The deployment files match each other and the service: images, ports, settings, names, and times.</summary>
public sealed class DeployTests
{
    private const string Checker = "eng/check-deploy.py";

    public static TheoryData<string, string, string, string> Mistakes => new()
    {
        { "deploy/k8s/base/kustomization.yaml", "Chats__DrainTimeout=", "Chat__DrainTimeout=", "unknown setting Chat__DrainTimeout" },
        { "deploy/k8s/base/kustomization.yaml", "  - services.yaml\n", "", "unknown service chats" },
        { "deploy/k8s/base/silo.yaml", "terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 45", "must be more than 45" },
        { "deploy/k8s/base/silo.yaml", "containerPort: 11111", "containerPort: 11112", "Orleans__SiloPort is 11111" },
        { "deploy/k8s/base/silo.yaml", "GenAI.Chats.Silo.dll", "GenAI.Chats.Silos.dll", "isn't a program of the image" },
        { "deploy/k8s/base/silo.yaml", "name: chats-silo\n          env:", "name: chats-silos\n          env:", "ConfigMap chats-silos not found" },
        { "deploy/k8s/base/disruption.yaml", "app.kubernetes.io/name: chats-silo", "app.kubernetes.io/name: silo", "matches no pods" },
        { "deploy/k8s/base/services.yaml", "targetPort: grpc", "targetPort: rpc", "no pod has port rpc" },
        { "deploy/k8s/base/autoscaling.yaml", "chats_turns_running", "chats_turns_active", "unknown metric chats_turns_active" },
        { "deploy/k8s/overlays/production/kustomization.yaml", "DrainTimeout=00:01:00", "DrainTimeout=00:02:00", "must be more than 135" },
        { "deploy/k8s/base/silo.yaml", "orleans/clusterId: chats", "orleans/clusterId: other", "label orleans/clusterId differs" },
        { "deploy/k8s/base/service-account.yaml", "verbs: [get, list, watch]", "verbs: [get, list]", "needs the right to read pods" },
        { "deploy/helm/genai-chats/templates/_settings.tpl", "Chats__DrainTimeout", "Chat__DrainTimeout", "unknown setting Chat__DrainTimeout" },
        { "deploy/helm/genai-chats/templates/_helpers.tpl", "add (int .Values.drainSeconds) 30", "add (int .Values.drainSeconds) 10", "terminationGracePeriodSeconds must be more than 45" },
        { "deploy/helm/genai-chats/templates/silo.yaml", "containerPort: 11111", "containerPort: 11112", "Orleans__SiloPort is 11111" },
        { "deploy/helm/genai-chats/templates/silo.yaml", "orleans/serviceId: {{ include \"chats.cluster\" . | quote }}", "orleans/serviceId: chat", "label orleans/serviceId differs" },
        { "deploy/helm/genai-chats/templates/scaling.yaml", "chats_turns_running", "chats_turns_active", "unknown metric chats_turns_active" },
        { "deploy/helm/genai-chats/templates/front-door.yaml", "- name: tls\n          secret", "- name: certificates\n          secret", "a volume is missing" },
        { "deploy/helm/genai-chats/templates/network.yaml", "nindent 14", "nindent 10", "genai-chats" },
        { "deploy/helm/genai-chats/values.yaml", "secretName: chats\n", "secretName: \"\"\n", "secretName is required" },
        { "deploy/helm/genai-chats/values.yaml", "secretName: chats\n", "secretName: 5\n", "5 is not of type 'string'" },
        { "deploy/helm/genai-chats/values.schema.json", "\"clusterId\": {", "\"clusterID\": {", "values differs from values.yaml in ['clusterID', 'clusterId']" },
        { "deploy/envoy/envoy.yaml", "address: front-2", "address: front-3", "Envoy: unknown address" },
        { "docker-compose.yml", "Api__Role", "Apis__Role", "unknown setting Apis__Role" },
        { "docker-compose.yml", "stop_grace_period: 60s", "stop_grace_period: 30s", "stop_grace_period is too short" },
        { "Dockerfile", "CMD [\"GenAI.Chats.Api.dll\"]", "CMD [\"GenAI.Chats.Silo.dll\"]", "doesn't start GenAI.Chats.Api.dll" },
    };

    [Fact]
    public Task Files_OfTheRepository_HaveNoProblem() => Programs.RunAsync(Programs.Python, Checker);

    [LongTheory]
    [MemberData(nameof(Mistakes))]
    public async Task Files_WithAMistake_HaveAProblem(string file, string right, string wrong, string problem)
    {
        using var copy = new TestDirectory();
        foreach (var part in new[] { "deploy", "eng", "run", "docker-compose.yml", "Dockerfile" })
        {
            await ChildProcess.RunAsync("cp", ["-r", Repository.PathTo(part), copy.Path]);
        }

        Directory.CreateSymbolicLink(Path.Combine(copy.Path, "src"), Repository.PathTo("src"));
        var changed = Path.Combine(copy.Path, file);
        var text = await File.ReadAllTextAsync(changed);
        Assert.Contains(right, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(changed, text.Replace(right, wrong, StringComparison.Ordinal));

        await using var check = ChildProcess.Start(Programs.Python, [Path.Combine(copy.Path, Checker), "--own-rules"]);

        Assert.Equal(1, await check.ExitAsync());
        Assert.Contains(check.Lines, line => line.Contains(problem, StringComparison.Ordinal));
    }
}
