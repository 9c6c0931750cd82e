using System.Text.RegularExpressions;
using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests.Docs;

/// <summary>The reference pages are complete.</summary>
public sealed partial class ReferenceTests
{
    private static readonly Document Configuration = new("docs/reference/configuration.md");
    private static readonly Document Errors = new("docs/reference/errors.md");

    // Options that aren't configuration: of tools, and of a provider's calls.
    private static readonly string[] OtherOptions = ["ChatToolOptions.cs", "ChatClientOptions.cs"];

    [Fact]
    public Task Api_Reference_IsGeneratedFromTheProtos() => Programs.RunAsync(Programs.Python, "eng/api-docs.py", "--check");

    [Fact]
    public void Api_EachRow_HasADescription()
    {
        var page = new Document("docs/reference/api.md");
        var rows = page.Text.Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(rows);
        Document.AssertNone(rows.Where(static row => row.TrimEnd().TrimEnd('|').Split(" | ")[^1].Trim().Length == 0));
    }

    [Fact]
    public void Configuration_EachProperty_IsDescribed()
    {
        var described = Keys(Configuration.Text);

        var missing =
            from file in Document.Find("src", "*Options.cs").Concat(Document.Find("src", "ModelTarget.cs")).Concat(Document.Find("src", "ModelRoute.cs"))
            where !file.Path.StartsWith("src/Client/", StringComparison.Ordinal) && !OtherOptions.Contains(Path.GetFileName(file.Path))
            from Match property in Property.Matches(file.Text)
            let name = property.Groups["name"].Value
            where !described.Contains(name)
            select $"{file.Path}:{file.LineOf(property.Index)}: {name}";

        Document.AssertNone(missing);
    }

    [Fact]
    public void Keys_InPages_AreDescribed()
    {
        var described = Keys(Configuration.Text);

        var unknown =
            from page in Document.Pages.Where(static page => page.Path.StartsWith("docs/", StringComparison.Ordinal))
            from Match key in Key.Matches(page.Text)
            where !described.Contains(key.Groups["last"].Value)
            select $"{page.Path}:{page.LineOf(key.Index)}: {key.Value}";

        Document.AssertNone(unknown);
    }

    [Fact]
    public void Errors_EachReason_IsInTheCode()
    {
        var code = string.Concat(Document.Find("src", "*.cs").Select(static file => file.Text));

        var unknown = Reasons(Errors.Text).Where(reason => !code.Contains($"\"{reason}\"", StringComparison.Ordinal));

        Document.AssertNone(unknown);
    }

    [Fact]
    public void Reasons_InCodeAndProtos_AreDescribed()
    {
        var described = Reasons(Errors.Text);

        var missing =
            from file in Document.Find("src", "*Error*.cs").Concat(Document.Find("protos", "chats.proto"))
            from Match reason in (file.Path.EndsWith(".cs", StringComparison.Ordinal) ? ReasonLiteral : ReasonInList).Matches(file.Text)
            let name = reason.Groups["reason"].Value
            where !described.Contains(name)
            select $"{file.Path}:{file.LineOf(reason.Index)}: {name}";

        Document.AssertNone(missing);
    }

    // The segments of the keys in backticks and headings.
    private static HashSet<string> Keys(string text) =>
        [.. Quoted.Matches(text).SelectMany(static match => match.Value.Trim('`', '#', ' ').Split(':', StringSplitOptions.RemoveEmptyEntries))];

    private static HashSet<string> Reasons(string text) => [.. ReasonRow.Matches(text).Select(static match => match.Groups["reason"].Value)];

    [GeneratedRegex(@"public (?:required )?[\w.<>?,\[\] ]+ (?<name>[A-Z]\w*) \{ get; (init|set); \}")]
    private static partial Regex Property { get; }

    [GeneratedRegex("`[^`\n]+`|^#+ .+$", RegexOptions.Multiline)]
    private static partial Regex Quoted { get; }

    [GeneratedRegex(@"(?<![\w/])(Api|Authentication|Silo|Storage|Orleans|Chats|Limits|Models|Telemetry):([A-Za-z]+:|[NM]:)*(?<last>[A-Z][A-Za-z]*[a-z][A-Za-z]*)")]
    private static partial Regex Key { get; }

    [GeneratedRegex(@"^\| (?<reason>[A-Z]+(_[A-Z]+)*) \|", RegexOptions.Multiline)]
    private static partial Regex ReasonRow { get; }

    [GeneratedRegex("\"(?<reason>[A-Z]{3,}(_[A-Z]+)+)\"(?! (or|=>))")]
    private static partial Regex ReasonLiteral { get; }

    [GeneratedRegex(@"(?<=// (- |  )[^\n]*)\b(?<reason>[A-Z]+(_[A-Z]+)+)\b(?!:)")]
    private static partial Regex ReasonInList { get; }
}
