using System.Text.RegularExpressions;

namespace GenAI.Chats.SystemTests.Support;

/// <summary>The output of commands in README.md, and in other pages.</summary>
internal static partial class Readme
{
    /// <summary>Returns the lines below a command in its code block, without IDs.</summary>
    public static IEnumerable<string> OutputOf(string command, string page = "README.md")
    {
        var output = File.ReadLines(Repository.PathTo(page))
            .SkipWhile(line => line != $"$ {command}")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("```", StringComparison.Ordinal))
            .Select(WithoutIds)
            .ToList();
        Assert.NotEmpty(output);
        return output;
    }

    /// <summary>Replaces the ID of a chat, which differs in each run.</summary>
    public static string WithoutIds(string line) => ChatId.Replace(line, "chats/ID");

    [GeneratedRegex("chats/[0-9a-f]{32}")]
    private static partial Regex ChatId { get; }
}
