using GenAI.Chats.Silo.Clustering;

namespace GenAI.Chats.Silo.Tests.Clustering;

/// <summary>A silo in Kubernetes needs a service account, and the name and namespace of its pod.</summary>
public sealed class KubernetesPodTests
{
    private static readonly Dictionary<string, string> Complete = new()
    {
        ["KUBERNETES_SERVICE_HOST"] = "10.0.0.1",
        ["POD_NAMESPACE"] = "chats",
        ["POD_NAME"] = "chats-silo-1",
    };

    [Fact]
    public void FindMissing_Pod_MissesNothing() => Assert.Null(KubernetesPod.FindMissing(Complete, static _ => true));

    [Fact]
    public void FindMissing_NoToken_NamesTheFile() =>
        Assert.Contains("serviceaccount/token doesn't exist", KubernetesPod.FindMissing(Complete, static _ => false), StringComparison.Ordinal);

    [Theory]
    [InlineData("KUBERNETES_SERVICE_HOST")]
    [InlineData("POD_NAMESPACE")]
    [InlineData("POD_NAME")]
    public void FindMissing_Variable_IsNamed(string name)
    {
        var environment = new Dictionary<string, string>(Complete) { [name] = "" };

        Assert.Contains($"{name} isn't set", KubernetesPod.FindMissing(environment, static _ => true), StringComparison.Ordinal);
    }
}
