using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;

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

            Merge(target, member.Name, member.Value);
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

    private void Merge(Dictionary<string, object> members, string name, JsonElement value)
    {
        switch (members.GetValueOrDefault(name), value.ValueKind)
        {
            case (not null, JsonValueKind.Null):
                break;
            case (StringBuilder text, JsonValueKind.String) when name is not ("id" or "type" or "format" or "name" or "role"):
                var piece = JsonText.Read(value);
                if (!repeats || !text.Equals(piece))
                {
                    text.Append(piece);
                }

                break;
            case (List<object> list, JsonValueKind.Array) when !repeats:
                AddItems(list, value);
                break;
            case (Dictionary<string, object> inner, JsonValueKind.Object):
                AddMembers(inner, value);
                break;
            default:
                members[name] = Of(value);
                break;
        }
    }

    private void AddMembers(Dictionary<string, object> members, JsonElement value)
    {
        foreach (var member in value.EnumerateObject())
        {
            Merge(members, member.Name, member.Value);
        }
    }

    private void AddItems(List<object> list, JsonElement items)
    {
        foreach (var item in items.EnumerateArray())
        {
            if (IndexOf(item) is { } index && FindOpen(list, index) is { } open)
            {
                AddMembers(open, item);
            }
            else
            {
                list.Add(Of(item));
            }
        }
    }

    private static long? IndexOf(JsonElement item) => item.ValueKind == JsonValueKind.Object ? OpenAiJson.Number(item, "index") : null;

    private static Dictionary<string, object>? FindOpen(List<object> list, long index)
    {
        for (var i = list.Count - 1; i >= Math.Max(0, list.Count - MaxOpenItems); i--)
        {
            if (list[i] is Dictionary<string, object> item
                && item.GetValueOrDefault("index") is JsonElement { ValueKind: JsonValueKind.Number } number
                && number.TryGetInt64(out var its)
                && its == index)
            {
                return item;
            }
        }

        return null;
    }

    private object Of(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new Dictionary<string, object>(StringComparer.Ordinal);
                AddMembers(members, json);
                return members;
            case JsonValueKind.Array:
                var list = new List<object>();
                AddItems(list, json);
                return list;
            case JsonValueKind.String:
                return new StringBuilder(JsonText.Read(json));
            default:
                return json.Clone();
        }
    }

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
