namespace GenAI.Chats.Console;

/// <summary>Writes text to the terminal.</summary>
internal static class Printable
{
    private const char Replacement = '\uFFFD';

    /// <summary>Replaces control characters, so that a model, or the author of its input, can't control the terminal.</summary>
    public static string Of(string text) => string.Concat(text.Select(c => IsHarmful(c) ? Replacement : c));

    /// <summary>Writes a chunk of text. The terminal wraps lines.</summary>
    public static void Write(string text, bool isDim = false)
    {
        var profile = AnsiConsole.Profile;
        var shown = Of(text);
        profile.Out.Writer.Write(isDim && profile.Capabilities.Ansi ? $"\e[2m{shown}\e[22m" : shown);
        profile.Out.Writer.Flush();
    }

    private static bool IsHarmful(char c) => char.IsControl(c) && c is not ('\n' or '\t' or '\r');
}
