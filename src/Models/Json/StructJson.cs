using System.Runtime.InteropServices;
using System.Text;

namespace GenAI.Chats.Models.Json;

/// <summary>Converts JSON without a schema.</summary>
internal static class StructJson
{
    /// <summary>
    /// The maximum depth of objects and lists, including the outermost one. A level takes three protobuf messages, and parsers fail at 100 messages,
    /// including those around the struct: deeper JSON could be stored but not read again. The same limit applies to clients.
    /// </summary>
    public const int MaxDepth = 28;

    private static readonly JsonDocumentOptions ExactOptions = new() { MaxDepth = MaxDepth };

    /// <summary>Reads an object.</summary>
    /// <param name="json">The object.</param>
    /// <param name="exact">Receives its members with a number that a double doesn't represent exactly.</param>
    /// <exception cref="UnreadableJsonException">It is nested too deeply.</exception>
    public static Struct ReadStruct(JsonElement json, out ExactJson? exact)
    {
        var result = new Struct();
        exact = null;
        foreach (var member in json.EnumerateObject())
        {
            AddMember(result, ref exact, member.Name, member.Value);
        }

        return result;
    }

    /// <summary>Reads a member of an object.</summary>
    /// <param name="target">Receives the member.</param>
    /// <param name="exact">Receives it, too, if it has a number that a double doesn't represent exactly.</param>
    /// <param name="name">The name.</param>
    /// <param name="json">The value.</param>
    /// <exception cref="UnreadableJsonException">It is nested too deeply.</exception>
    public static void AddMember(Struct target, ref ExactJson? exact, string name, JsonElement json)
    {
        var loses = false;
        target.Fields[name] = ReadValue(json, 2, ref loses);
        if (loses)
        {
            (exact ??= new ExactJson()).Members[name] = Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(json));
        }
        else
        {
            exact?.Members.Remove(name);
        }
    }

    /// <summary>Reads any value. Numbers become doubles.</summary>
    /// <exception cref="UnreadableJsonException">It is nested too deeply.</exception>
    public static Value ReadValue(JsonElement json)
    {
        var loses = false;
        return ReadValue(json, 1, ref loses);
    }

    /// <summary>Writes an object with its exact members.</summary>
    public static void Write(Utf8JsonWriter writer, Struct? value, ExactJson? exact)
    {
        writer.WriteStartObject();
        foreach (var name in Names(value, exact))
        {
            WriteMember(writer, name, value, exact);
        }

        writer.WriteEndObject();
    }

    /// <summary>Returns the names of an object's members, including members that only have an exact text.</summary>
    public static IEnumerable<string> Names(Struct? value, ExactJson? exact)
    {
        IEnumerable<string> names = value is null ? [] : value.Fields.Keys;
        return exact is null ? names : names.Union(exact.Members.Keys);
    }

    /// <summary>Writes a member, with its exact text if that is known and valid.</summary>
    public static void WriteMember(Utf8JsonWriter writer, string name, Struct? value, ExactJson? exact)
    {
        if (ExactText(exact, name) is { } text)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(text, skipInputValidation: true);
        }
        else if (value is not null && value.Fields.TryGetValue(name, out var member))
        {
            writer.WritePropertyName(name);
            Write(writer, member);
        }
    }

    // Null if there is none, or if it isn't JSON.
    private static string? ExactText(ExactJson? exact, string name)
    {
        if (exact is null || !exact.Members.TryGetValue(name, out var text))
        {
            return null;
        }

        try
        {
            using (JsonDocument.Parse(text, ExactOptions))
            {
                return text;
            }
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes any value.</summary>
    public static void Write(Utf8JsonWriter writer, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StructValue:
                Write(writer, value.StructValue, null);
                break;
            case Value.KindOneofCase.ListValue:
                writer.WriteStartArray();
                foreach (var item in value.ListValue.Values)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case Value.KindOneofCase.StringValue:
                writer.WriteStringValue(value.StringValue);
                break;
            case Value.KindOneofCase.NumberValue:
                ScalarJson.WriteDouble(writer, value.NumberValue);
                break;
            case Value.KindOneofCase.BoolValue:
                writer.WriteBooleanValue(value.BoolValue);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private static Value ReadValue(JsonElement json, int depth, ref bool loses)
    {
        if (depth > MaxDepth && json.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            throw new UnreadableJsonException($"It is nested more than {MaxDepth} levels deep.");
        }

        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new Struct();
                foreach (var member in json.EnumerateObject())
                {
                    members.Fields[member.Name] = ReadValue(member.Value, depth + 1, ref loses);
                }

                return Value.ForStruct(members);
            case JsonValueKind.Array:
                var list = new ListValue();
                foreach (var item in json.EnumerateArray())
                {
                    list.Values.Add(ReadValue(item, depth + 1, ref loses));
                }

                return new Value { ListValue = list };
            case JsonValueKind.String:
                return Value.ForString(JsonText.Read(json));
            case JsonValueKind.Number:
                var number = Math.Clamp(json.GetDouble(), double.MinValue, double.MaxValue);
                loses |= !ScalarJson.IsWrittenAs(number, JsonMarshal.GetRawUtf8Value(json));
                return Value.ForNumber(number);
            case JsonValueKind.True:
            case JsonValueKind.False:
                return Value.ForBool(json.GetBoolean());
            default:
                return Value.ForNull();
        }
    }
}
