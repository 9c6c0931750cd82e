using System.Diagnostics;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>A test that runs only in <c>./test --long</c>, and needs the right to mount file systems, which root has.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MountFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> CanMount = new(static () =>
    {
        using var trial = Process.Start(new ProcessStartInfo("unshare", ["--mount", "true"]) { RedirectStandardError = true })!;
        trial.WaitForExit();
        return trial.ExitCode == 0;
    });

    public MountFactAttribute() => Skip = LongTests.Reason ?? (CanMount.Value ? null : "The test must run as root.");
}
