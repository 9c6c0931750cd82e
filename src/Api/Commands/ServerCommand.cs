namespace GenAI.Chats.Api.Commands;

/// <summary>Something that the program does instead of serving: <c>./run VERB ...</c>.</summary>
/// <param name="Verb">The program's first argument.</param>
/// <param name="Usage">How it is called, and what it does.</param>
/// <param name="RunAsync">Does it, with the arguments behind the verb. Throws <see cref="CommandException"/> for what whoever called it can mend.</param>
internal sealed record ServerCommand(string Verb, string Usage, Func<string[], CommandConsole, Task> RunAsync);

/// <summary>Where a command writes.</summary>
/// <param name="Out">Its results, which other programs may read.</param>
/// <param name="Error">What is for people.</param>
internal sealed record CommandConsole(TextWriter Out, TextWriter Error);
