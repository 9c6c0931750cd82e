using System.CommandLine;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>A server program and its commands.</summary>
/// <param name="Description">What the program is, for <c>--help</c>.</param>
/// <param name="Section">The configuration section with the program's ports.</param>
/// <param name="Build">Builds the server from settings, without starting it.</param>
internal sealed record ServerProgram(string Description, string Section, Func<string[], WebApplication> Build)
{
    /// <summary>
    /// Gets the function that creates the commands in addition to <c>serve</c> and <c>check</c>. Its argument is the settings of the command line, which are known
    /// when a command runs.
    /// </summary>
    public Func<IReadOnlyList<string>, IEnumerable<Command>> Commands { get; init; } = static _ => [];
}
