namespace GenAI.Chats.SystemTests.Support;

/// <summary>The programs that run clients.</summary>
internal static class Programs
{
    /// <summary>Debian's, as its packages reach no other.</summary>
    public const string Python = "/usr/bin/python3";

    public const string Node = "node";
}
