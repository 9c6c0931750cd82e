using System.Text.Json.Nodes;

namespace GenAI.Chats.Models.Requests;

/// <summary>
/// Members of another provider's message or call for which contents have no fields. They are stored in the content's <c>extra</c>, and sent back only
/// to their source.
/// </summary>
/// <param name="Members">The members.</param>
/// <param name="Thoughts">The name of the member for thoughts. If null, thoughts aren't sent back.</param>
internal sealed record KeptMembers(JsonObject Members, string? Thoughts = null)
{
    /// <summary>The name of their member in <c>extra</c>.</summary>
    public const string Name = "provider_members";

    private const string SourceField = "source";
    private const string JsonField = "json";
    private const string ThoughtsField = "thoughts";

    // JSON nodes don't support duplicate names.
    private static readonly JsonDocumentOptions DocumentOptions = new() { AllowDuplicateProperties = false };

    /// <summary>Finds the members from a source. Returns null if there are none.</summary>
    public static KeptMembers? Find(Struct? extra, string source)
    {
        if (extra is null
            || !extra.Fields.TryGetValue(Name, out var kept)
            || kept.StructValue is not { } fields
            || Text(fields, SourceField) != source)
        {
            return null;
        }

        try
        {
            var members = Text(fields, JsonField) is { } json ? JsonNode.Parse(json, null, DocumentOptions) as JsonObject : null;
            return new KeptMembers(members ?? [], Text(fields, ThoughtsField));
        }
        catch (JsonException)
        {
            // Written by a client.
            return null;
        }
    }

    /// <summary>Returns whether a content or one of its parts has such members.</summary>
    public static bool AreIn(Content content) => IsIn(content.Extra) || content.Parts.Any(part => IsIn(part.Extra));

    /// <summary>Removes such members.</summary>
    public static void RemoveFrom(Content content)
    {
        content.Extra = Without(content.Extra);
        foreach (var part in content.Parts)
        {
            part.Extra = Without(part.Extra);
        }
    }

    /// <summary>Returns the <c>extra</c> of a content or part.</summary>
    /// <param name="source">The source of the members. Clients see it.</param>
    public Struct ToExtra(string source)
    {
        var fields = new Struct { Fields = { [SourceField] = Value.ForString(source) } };
        if (Members.Count > 0)
        {
            // As text, which keeps numbers of any size and any depth.
            fields.Fields[JsonField] = Value.ForString(Members.ToJsonString(JsonBody.WriterOptions));
        }

        if (Thoughts is not null)
        {
            fields.Fields[ThoughtsField] = Value.ForString(Thoughts);
        }

        return new Struct { Fields = { [Name] = Value.ForStruct(fields) } };
    }

    private static bool IsIn(Struct? extra) => extra?.Fields.ContainsKey(Name) == true;

    private static Struct? Without(Struct? extra)
    {
        extra?.Fields.Remove(Name);
        return extra is { Fields.Count: > 0 } ? extra : null;
    }

    private static string? Text(Struct fields, string name) =>
        fields.Fields.TryGetValue(name, out var value) && value.KindCase == Value.KindOneofCase.StringValue ? value.StringValue : null;
}
