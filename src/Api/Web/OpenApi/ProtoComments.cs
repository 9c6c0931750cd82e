namespace GenAI.Chats.Api.Web.OpenApi;

/// <summary>
/// The comments of the contract, by the full name of what they describe. Descriptors don't contain them, so the assembly contains the files.
/// </summary>
internal sealed partial class ProtoComments
{
    private const string Package = "genai.chats.v1";

    private readonly Dictionary<string, string> _comments = [];

    /// <summary>Reads the comments of the files in the assembly.</summary>
    public static ProtoComments Load()
    {
        var comments = new ProtoComments();
        var assembly = typeof(ProtoComments).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(static name => name.EndsWith(".proto", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            comments.Add(reader);
        }

        return comments;
    }

    /// <summary>Returns the comment of a message, field, value, or method. Null if it has none.</summary>
    public string? Of(string fullName) => _comments.GetValueOrDefault(fullName);

    // Blocks of messages, enumerations, oneofs, and the service. A oneof isn't part of its fields' names.
    private void Add(StreamReader reader)
    {
        var scopes = new Stack<string>([Package]);
        var comment = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            line = line.Trim();
            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                comment.Add(line[2..].Trim());
                continue;
            }

            var block = Block.Match(line);
            var name = block.Success ? block.Groups["name"].Value : Member.Match(line) is { Success: true } member ? member.Groups["name"].Value : null;
            var isOneof = block.Success && block.Groups["kind"].Value == "oneof";
            if (name is not null && !isOneof && comment.Count > 0)
            {
                _comments.TryAdd($"{scopes.Peek()}.{name}", TextOf(comment));
            }

            comment.Clear();
            if (block.Success && !line.EndsWith('}'))
            {
                scopes.Push(isOneof ? scopes.Peek() : $"{scopes.Peek()}.{name}");
            }
            else if (line == "}")
            {
                scopes.Pop();
            }
        }
    }

    // Lines of a paragraph are joined. Lists and paragraphs are Markdown.
    private static string TextOf(List<string> lines) => string.Join(
        "\n\n",
        string.Join('\n', lines).Split("\n\n").Select(static paragraph => LineInParagraph.Replace(paragraph, " ")));

    [GeneratedRegex(@"^(?<kind>message|enum|oneof|service) (?<name>\w+) \{")]
    private static partial Regex Block { get; }

    [GeneratedRegex(@"^(?:rpc (?<name>\w+)\(|(?:(?:repeated|optional) )?(?:map<[^>]+>|[\w.]+) (?<name>\w+) = \d+;|(?<name>[A-Z][A-Z0-9_]*) = \d+;)")]
    private static partial Regex Member { get; }

    [GeneratedRegex(@"\n(?!- )")]
    private static partial Regex LineInParagraph { get; }
}
