using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>
/// Merges the deltas of members for which this service has no fields, as OpenAI's libraries do: texts and lists are concatenated, list items with the
/// same <c>index</c> are merged, objects are merged member by member, and other later values replace earlier ones.
/// </summary>
/// <param name="budget">The limit for buffered data.</param>
/// <param name="repeats">Whether an equal value is a repetition: some servers repeat the members of a call in each delta.</param>
internal sealed class JsonDeltas(HeldBytes budget, bool repeats = false)
{
    // The number of last items that are searched. Servers don't interleave more.
    private const int MaxOpenItems = 64;

    private readonly Dictionary<string, object> _members = new(StringComparer.Ordinal);

    /// <summary>Gets whether there are no members.</summary>
    public bool IsEmpty => _members.Count == 0;

    /// <summary>Adds the non-empty members of an object.</summary>
    /// <param name="json">The object.</param>
    /// <param name="isKnown">Returns whether to skip a member.</param>
    /// <param name="within">The name of the parent member, or null.</param>
    public void Add(JsonElement json, Predicate<JsonProperty> isKnown, string? within = null)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (isKnown(member) || IsEmptyValue(member.Value))
            {
                continue;
            }

            budget.Add(member.Name.Length + JsonMarshal.GetRawUtf8Value(member.Value).Length);
            var target = _members;
            if (within is not null)
            {
                target = _members.GetValueOrDefault(within) as Dictionary<string, object> ?? [];
                _members[within] = target;
            }

            target[member.Name] = Merge(target.GetValueOrDefault(member.Name), member.Value, member.Name);
        }
    }

    /// <summary>Returns the merged members.</summary>
    public JsonObject ToJson() => (JsonObject)ToNode(_members)!;

    private static bool IsEmptyValue(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => JsonMarshal.GetRawUtf8Value(json).Length == 2,
        JsonValueKind.Array => json.GetArrayLength() == 0,
        JsonValueKind.Object => json.GetPropertyCount() == 0,
        _ => false,
    };

    // Returns the merged value: the earlier one, if it grows.
    private object Merge(object? known, JsonElement value, string? name = null)
    {
        switch (known, value.ValueKind)
        {
            case (not null, JsonValueKind.Null):
                return known;
            case (StringBuilder text, JsonValueKind.String) when name is not ("id" or "type" or "format" or "name" or "role"):
                var piece = JsonText.Read(value);
                return repeats && text.Equals(piece) ? text : text.Append(piece);
            case (_, JsonValueKind.String):
                return new StringBuilder(JsonText.Read(value));
            case (_, JsonValueKind.Array):
                return AddItems(repeats ? [] : known as List<object> ?? [], value);
            case (_, JsonValueKind.Object):
                return AddMembers(known as Dictionary<string, object> ?? new(StringComparer.Ordinal), value);
            default:
                return value.Clone();
        }
    }

    private Dictionary<string, object> AddMembers(Dictionary<string, object> members, JsonElement value)
    {
        foreach (var member in value.EnumerateObject())
        {
            members[member.Name] = Merge(members.GetValueOrDefault(member.Name), member.Value, member.Name);
        }

        return members;
    }

    private List<object> AddItems(List<object> list, JsonElement items)
    {
        foreach (var item in items.EnumerateArray())
        {
            if (IndexOf(item) is { } index && FindOpen(list, index) is { } open)
            {
                AddMembers(open, item);
            }
            else
            {
                list.Add(Merge(null, item));
            }
        }

        return list;
    }

    private static long? IndexOf(JsonElement item) => item.ValueKind == JsonValueKind.Object ? OpenAiJson.Number(item, "index") : null;

    private static Dictionary<string, object>? FindOpen(List<object> list, long index) =>
        list.Skip(list.Count - MaxOpenItems).OfType<Dictionary<string, object>>().LastOrDefault(item =>
            item.GetValueOrDefault("index") is JsonElement { ValueKind: JsonValueKind.Number } number
            && number.TryGetInt64(out var its)
            && its == index);

    private static JsonNode? ToNode(object value) => value switch
    {
        Dictionary<string, object> members =>
            new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, ToNode(member.Value)))),
        List<object> list => new JsonArray([.. list.Select(ToNode)]),
        StringBuilder text => JsonValue.Create(text.ToString()),
        JsonElement { ValueKind: JsonValueKind.Null } => null,
        JsonElement json => JsonValue.Create(json),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "A value of an unknown kind."),
    };
}
