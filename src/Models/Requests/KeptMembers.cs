using System.Text.Json;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Requests;

/// <summary>
/// What a model of another maker than Google said with a message or a call beyond what contents have fields for. It is kept with the content,
/// in its <c>extra</c>, and goes back only to where it came from.
/// </summary>
/// <param name="Members">The members, as they came.</param>
/// <param name="Thoughts">The name of the member that thoughts come in; null: they stay behind.</param>
internal sealed record KeptMembers(JsonObject Members, string? Thoughts = null)
{
    /// <summary>The name of the member of <c>extra</c>.</summary>
    public const string Name = "provider_members";

    private const string SourceField = "source";
    private const string JsonField = "json";
    private const string ThoughtsField = "thoughts";

    // Two members of one name can't be nodes.
    private static readonly JsonDocumentOptions DocumentOptions = new() { AllowDuplicateProperties = false };

    /// <summary>Finds what came from a source; null where nothing did.</summary>
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
            // A client's own.
            return null;
        }
    }

    /// <summary>Whether a content, or one of its parts, has any.</summary>
    public static bool AreIn(Content content) => IsIn(content.Extra) || content.Parts.Any(part => IsIn(part.Extra));

    /// <summary>Leaves them out.</summary>
    public static void RemoveFrom(Content content)
    {
        content.Extra = Without(content.Extra);
        foreach (var part in content.Parts)
        {
            part.Extra = Without(part.Extra);
        }
    }

    /// <summary>As a part or a content has them.</summary>
    /// <param name="source">Where they came from. Clients see it.</param>
    public Struct ToExtra(string source)
    {
        var fields = new Struct { Fields = { [SourceField] = Value.ForString(source) } };
        if (Members.Count > 0)
        {
            // As text, which loses nothing: numbers of any size, and any depth.
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
