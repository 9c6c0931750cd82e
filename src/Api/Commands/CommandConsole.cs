namespace GenAI.Chats.Api.Commands;

/// <summary>The standard streams of a command.</summary>
/// <param name="In">The input.</param>
/// <param name="Out">The results, which other programs can read.</param>
/// <param name="Error">The messages for the user.</param>
internal sealed record CommandConsole(TextReader In, TextWriter Out, TextWriter Error)
{
    private const int BufferSize = 1 << 16;

    /// <summary>Gets the streams of the process. They use UTF-8 regardless of the terminal, because files and pipes are read on other machines.</summary>
    public static CommandConsole Standard { get; } = new(
        new StreamReader(Console.OpenStandardInput(), Encoding.UTF8, false, BufferSize),
        new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), BufferSize),
        Console.Error);
}
