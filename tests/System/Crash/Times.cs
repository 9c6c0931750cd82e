namespace GenAI.Chats.SystemTests.Crash;

/// <summary>Settings that make servers notice soon what takes them seconds by default.</summary>
internal static class Times
{
    public static readonly IReadOnlyList<string> Hasty =
    [
        "--Chats:BeatInterval=00:00:00.1",
        "--Chats:OwnerLifetime=00:00:00.5",
        "--Chats:SweepInterval=00:00:00.2",
        "--Chats:FollowInterval=00:00:00.1",
    ];
}
