using System.Text.RegularExpressions;
using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests;

/// <summary>The documents are up to date with what they are about.</summary>
public sealed partial class DocsTests
{
    [Fact]
    public Task Api_Reference_IsWhatTheProtosSay() => Programs.RunAsync(Programs.Python, "eng/api-docs.py", "--check");

    [Fact]
    public void Links_InDocuments_LeadSomewhere()
    {
        string[] documents = ["README.md", "src/Client/README.md", .. Directory.GetFiles(Repository.PathTo("docs"), "*.md").Select(f => Path.GetRelativePath(Repository.Root, f))];
        var broken =
            from document in documents
            let text = File.ReadAllText(Repository.PathTo(document))
            from Match match in Link.Matches(text)
            let target = match.Groups["target"].Value
            where !target.Contains("://", StringComparison.Ordinal) && !Leads(document, text, target)
            select $"{document}: {target}";

        Assert.Empty(broken);
    }

    private static bool Leads(string document, string text, string target)
    {
        var parts = target.Split('#');
        var path = parts[0].Length == 0 ? Repository.PathTo(document) : Path.Combine(Path.GetDirectoryName(Repository.PathTo(document))!, parts[0]);
        if (parts.Length == 1 || !File.Exists(path))
        {
            return Path.Exists(path);
        }

        var headings = (parts[0].Length == 0 ? text : File.ReadAllText(path)).Split('\n').Where(line => line.StartsWith('#'));
        return headings.Any(line => Anchor(line.TrimStart('#').Trim()) == parts[1]);
    }

    private static string Anchor(string heading) => NotInAnchors.Replace(heading.ToLowerInvariant().Replace(' ', '-'), "");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link { get; }

    [GeneratedRegex("[^a-z0-9_-]")]
    private static partial Regex NotInAnchors { get; }
}
