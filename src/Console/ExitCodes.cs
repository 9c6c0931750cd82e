namespace GenAI.Chats.Console;

/// <summary>The program's exit codes.</summary>
internal static class ExitCodes
{
    public const int Good = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>Ended by SIGINT, as shells report it.</summary>
    public const int Interrupted = 130;
}
