using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests.Docs;

/// <summary>A file with documentation.</summary>
/// <param name="Path">The path in the repository.</param>
internal sealed record Document(string Path)
{
    private string? _text;

    /// <summary>All pages in Markdown that readers use.</summary>
    public static IReadOnlyList<Document> Pages { get; } =
    [
        new("README.md"), new("CONTRIBUTING.md"), new("SECURITY.md"), new("src/Client/README.md"), new("src/Api/README.md"), new("src/Silo/README.md"),
        new("src/Tool/README.md"), new("protos/README.md"), new("eng/package/README.md"), .. Find("docs", "*.md"),
    ];

    /// <summary>The full path.</summary>
    public string FullPath => Repository.PathTo(Path);

    /// <summary>The content.</summary>
    public string Text => _text ??= File.ReadAllText(FullPath);

    /// <summary>The files in a folder and its subfolders, without build output.</summary>
    public static IEnumerable<Document> Find(string folder, string pattern) =>
        Directory.EnumerateFiles(Repository.PathTo(folder), pattern, SearchOption.AllDirectories)
            .Select(static file => System.IO.Path.GetRelativePath(Repository.Root, file))
            .Where(static path => !path.Split('/').Any(static part => part is "bin" or "obj" or "node_modules" or "__pycache__"))
            .Order(StringComparer.Ordinal)
            .Select(static path => new Document(path));

    /// <summary>Fails with all findings, which start with a file and a line.</summary>
    public static void AssertNone(IEnumerable<string> findings)
    {
        var all = findings.ToList();
        Assert.True(all.Count == 0, $"{all.Count} findings:\n{string.Join('\n', all)}");
    }

    /// <summary>The number of the line with a character, counted from 1.</summary>
    public int LineOf(int index) => Text.AsSpan(0, index).Count('\n') + 1;
}
