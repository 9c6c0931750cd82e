using System.Text.RegularExpressions;

namespace GenAI.Chats.SystemTests.Docs;

/// <summary>Texts don't use phrases that are archaic, or hard to understand.</summary>
public sealed partial class LanguageTests
{
    // The files and folders that are checked, and the folders with tests that have checked names.
    private static readonly string[] Roots = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs", "protos", "src"];
    private static readonly string[] TestRoots = ["tests"];

    private static readonly string[] Endings = [".md", ".proto", ".cs", ".json"];

    private const int MaxColumns = 100;

    [Fact]
    public void Files_Checked_HaveNoBannedPhrases()
    {
        var found =
            from file in Roots.SelectMany(Files)
            from Match match in Banned.Matches(file.Text)
            select $"{file.Path}:{file.LineOf(match.Index)}: {match.Value}";

        Document.AssertNone(found);
    }

    [Fact]
    public void Names_OfTests_HaveNoBannedPhrases()
    {
        var found =
            from file in TestRoots.SelectMany(Files)
            from Match name in TestName.Matches(file.Text)
            where Banned.IsMatch(Words(name.Groups["name"].Value))
            select $"{file.Path}:{file.LineOf(name.Index)}: {name.Groups["name"].Value}";

        Document.AssertNone(found);
    }

    [Theory]
    [InlineData("Kept for ever.", true)]
    [InlineData("Kept for\n// ever.", true)]
    [InlineData("Time mends it.", true)]
    [InlineData("Amend a recommendation.", false)]
    [InlineData("Nobody waits.", true)]
    [InlineData("The value in\nplace.", false)]
    [InlineData("Send_TwiceInPlaceOfOnce_Fails", true)]
    public void Banned_Text_IsFound(string text, bool expected) => Assert.Equal(expected, Banned.IsMatch(Words(text)));

    [Fact]
    public void Lines_InPages_AreShort()
    {
        var found =
            from page in Document.Pages.Where(static page => page.Path != "src/Client/README.md")
            from line in Prose(page.Text)
            where line.Text.Length > MaxColumns && line.Text.TrimStart().Contains(' ')
            select $"{page.Path}:{line.Number}: {line.Text.Length} columns";

        Document.AssertNone(found);
    }

    private static IEnumerable<Document> Files(string root) => root.Contains('.', StringComparison.Ordinal)
        ? [new Document(root)]
        : Document.Find(root, "*").Where(static file => Endings.Contains(Path.GetExtension(file.Path)));

    // Tables and code can't be wrapped.
    private static IEnumerable<(string Text, int Number)> Prose(string text)
    {
        var isCode = false;
        foreach (var (number, line) in text.Split('\n').Index())
        {
            var isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            isCode ^= isFence;
            if (!isCode && !isFence && !line.StartsWith('|') && !line.StartsWith("Takes [", StringComparison.Ordinal))
            {
                yield return (line, number + 1);
            }
        }
    }

    // A name such as Send_TwiceAtOnce_Waits as words.
    private static string Words(string name) => WordStart.Replace(name, " ");

    // A phrase can continue in the next line of a comment.
    [GeneratedRegex(
        """
        \b(for\W{1,9}ever|anew|to\W{1,9}the\W{1,9}letter|of\W{1,9}late|in\W{1,9}place\W{1,9}of|whoever|nobody|meanwhile|beside\W{1,9}the|hear\W{1,9}of|seldom
        |is\W{1,9}to\W{1,9}be|mend(s|ed|ing)?|those\W{1,9}that)\b
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Banned { get; }

    [GeneratedRegex(@"(?<=[a-z])(?=[A-Z])|_")]
    private static partial Regex WordStart { get; }

    [GeneratedRegex(@"\b(void|Task) (?<name>[A-Z]\w*_\w+)\(")]
    private static partial Regex TestName { get; }
}
