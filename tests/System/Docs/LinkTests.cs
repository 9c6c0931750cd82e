using System.Text.RegularExpressions;

namespace GenAI.Chats.SystemTests.Docs;

/// <summary>Every relative link in the documentation resolves.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Links_InPages_Resolve()
    {
        var broken =
            from page in Document.Pages
            from Match match in Link.Matches(page.Text)
            let target = match.Groups["target"].Value
            where !target.Contains("://", StringComparison.Ordinal) && !Resolves(page, target)
            select $"{page.Path}:{page.LineOf(match.Index)}: {target}";

        Document.AssertNone(broken);
    }

    [Fact]
    public void Pages_InDocs_AreInTheIndex()
    {
        var index = Document.Pages.Single(static page => page.Path == "docs/README.md");

        var missing = Document.Find("docs", "*.md").Where(page => page.Path != index.Path && !index.Text.Contains($"({page.Path["docs/".Length..]})", StringComparison.Ordinal));

        Document.AssertNone(missing.Select(static page => page.Path));
    }

    [Fact]
    public void Pages_NamedInCode_Exist()
    {
        string[] roots = ["src", "protos", "deploy", "benchmarks", "eng"];
        var missing =
            from file in roots.SelectMany(static root => Document.Find(root, "*"))
            from Match match in PageName.Matches(file.Text)
            where !File.Exists(new Document(match.Value).FullPath)
            select $"{file.Path}:{file.LineOf(match.Index)}: {match.Value}";

        Document.AssertNone(missing);
    }

    private static bool Resolves(Document page, string target)
    {
        var parts = target.Split('#');
        var path = parts[0].Length == 0 ? page.FullPath : Path.Combine(Path.GetDirectoryName(page.FullPath)!, parts[0]);
        return parts.Length == 1 || !File.Exists(path) ? Path.Exists(path) : Anchors(File.ReadAllText(path)).Contains(parts[1]);
    }

    private static IEnumerable<string> Anchors(string text) => Fence.Replace(text, "")
        .Split('\n')
        .Where(static line => line.StartsWith('#'))
        .Select(static line => NotInAnchors.Replace(line.TrimStart('#').Trim().ToLowerInvariant().Replace(' ', '-'), ""));

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link { get; }

    [GeneratedRegex(@"docs/[a-z/-]+\.md")]
    private static partial Regex PageName { get; }

    [GeneratedRegex("^ *```.*?^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence { get; }

    [GeneratedRegex("[^a-z0-9_-]")]
    private static partial Regex NotInAnchors { get; }
}
