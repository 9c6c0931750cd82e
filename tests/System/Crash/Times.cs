namespace GenAI.Chats.SystemTests.Crash;

/// <summary>Settings that make servers notice soon what takes them seconds by default.</summary>
internal static class Times
{
    public static readonly IReadOnlyList<string> Hasty =
    [
        "--Chats:HeartbeatInterval=00:00:00.1",
        "--Chats:LeaseDuration=00:00:00.5",
        "--Chats:RecoveryInterval=00:00:00.2",
        "--Chats:RemoteTurnPollInterval=00:00:00.1",
    ];
}
