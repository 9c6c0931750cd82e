namespace GenAI.Chats.Terminal;

/// <summary>What the program ends with.</summary>
internal static class ExitCodes
{
    public const int Good = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>As programs do that an interrupt has ended.</summary>
    public const int Interrupted = 130;
}
