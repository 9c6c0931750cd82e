using System.Collections;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>What a process needs to take part in Kubernetes, as a pod's environment has it.</summary>
internal static class KubernetesPod
{
    private const string ApiServer = "KUBERNETES_SERVICE_HOST";
    private const string Token = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    // The downward API provides them, if the pod's manifest says so.
    private static readonly string[] Variables = ["POD_NAMESPACE", "POD_NAME"];

    /// <summary>Says what is missing in this process. Null if nothing is.</summary>
    public static string? FindMissing() => FindMissing(Environment.GetEnvironmentVariables(), File.Exists);

    /// <summary>Says what is missing in an environment.</summary>
    /// <param name="environment">The environment variables.</param>
    /// <param name="fileExists">Indicates whether a file exists.</param>
    internal static string? FindMissing(IDictionary environment, Func<string, bool> fileExists)
    {
        return !IsSet(ApiServer) ? $"this process isn't in a Kubernetes pod: {ApiServer} isn't set"
            : !fileExists(Token) ? $"the pod has no service account token: {Token} doesn't exist"
            : Variables.FirstOrDefault(name => !IsSet(name)) is { } missing ? $"the pod's environment variable {missing} isn't set"
            : null;

        bool IsSet(string name) => environment[name] is string { Length: > 0 };
    }
}
