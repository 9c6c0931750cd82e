using System.Text;

namespace GenAI.Chats.Api.Commands;

/// <summary>Something that the program does instead of serving: <c>./run VERB ...</c>.</summary>
/// <param name="Verb">The program's first argument.</param>
/// <param name="Usage">How it is called, and what it does.</param>
/// <param name="RunAsync">Does it, with the arguments behind the verb. Throws <see cref="CommandException"/> for what whoever called it can mend.</param>
internal sealed record ServerCommand(string Verb, string Usage, Func<string[], CommandConsole, Task> RunAsync);

/// <summary>What a command reads and writes.</summary>
/// <param name="In">What it works on.</param>
/// <param name="Out">Its results, which other programs may read.</param>
/// <param name="Error">What is for people.</param>
internal sealed record CommandConsole(TextReader In, TextWriter Out, TextWriter Error)
{
    private const int BufferSize = 1 << 16;

    /// <summary>The process' own: UTF-8 whatever the terminal has, as files and pipes are read elsewhere.</summary>
    public static CommandConsole Standard { get; } = new(
        new StreamReader(Console.OpenStandardInput(), Encoding.UTF8, false, BufferSize),
        new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), BufferSize),
        Console.Error);
}
