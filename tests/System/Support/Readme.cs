using System.Text.RegularExpressions;

namespace GenAI.Chats.SystemTests.Support;

/// <summary>What README.md says that commands print.</summary>
internal static partial class Readme
{
    /// <summary>The lines that stand below a command in its block, without the ids in them.</summary>
    public static IEnumerable<string> OutputOf(string command)
    {
        var output = File.ReadLines(Repository.PathTo("README.md"))
            .SkipWhile(line => line != $"$ {command}")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("```", StringComparison.Ordinal))
            .Select(WithoutIds)
            .ToList();
        Assert.NotEmpty(output);
        return output;
    }

    /// <summary>A line as it is each time: the server chooses another id for each chat.</summary>
    public static string WithoutIds(string line) => ChatId.Replace(line, "chats/ID");

    [GeneratedRegex("chats/[0-9a-f]{32}")]
    private static partial Regex ChatId { get; }
}
