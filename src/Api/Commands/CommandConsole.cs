namespace GenAI.Chats.Api.Commands;

/// <summary>The standard streams of a command.</summary>
/// <param name="In">The input.</param>
/// <param name="Out">The results, which other programs can read.</param>
/// <param name="Error">The messages for the user.</param>
internal sealed record CommandConsole(TextReader In, TextWriter Out, TextWriter Error)
{
    /// <summary>Gets whether a person can answer questions: the input and the messages are on a terminal.</summary>
    public bool CanAsk { get; init; }

    /// <summary>Gets whether the messages are on a terminal, where a line can be overwritten.</summary>
    public bool HasErrorTerminal { get; init; }

    private const int BufferSize = 1 << 16;

    /// <summary>Gets the streams of the process. They use UTF-8 regardless of the terminal, because files and pipes are read on other machines.</summary>
    public static CommandConsole Standard { get; } = new(
        new StreamReader(Console.OpenStandardInput(), Encoding.UTF8, false, BufferSize),
        new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), BufferSize),
        Console.Error)
    {
        CanAsk = !Console.IsInputRedirected && !Console.IsErrorRedirected,
        HasErrorTerminal = !Console.IsErrorRedirected,
    };
}
