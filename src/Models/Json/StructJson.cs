using System.Text.Json;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Json;

/// <summary>JSON without a schema, as protobuf has it.</summary>
internal static class StructJson
{
    public static Struct ReadStruct(JsonElement json)
    {
        var result = new Struct();
        foreach (var member in json.EnumerateObject())
        {
            result.Fields[member.Name] = ReadValue(member.Value);
        }

        return result;
    }

    public static Value ReadValue(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                return Value.ForStruct(ReadStruct(json));
            case JsonValueKind.Array:
                var list = new ListValue();
                foreach (var item in json.EnumerateArray())
                {
                    list.Values.Add(ReadValue(item));
                }

                return new Value { ListValue = list };
            case JsonValueKind.String:
                return Value.ForString(json.GetString()!);
            case JsonValueKind.Number:
                return Value.ForNumber(json.GetDouble());
            case JsonValueKind.True:
            case JsonValueKind.False:
                return Value.ForBool(json.GetBoolean());
            default:
                return Value.ForNull();
        }
    }

    public static void Write(Utf8JsonWriter writer, Struct value)
    {
        writer.WriteStartObject();
        foreach (var (name, member) in value.Fields)
        {
            writer.WritePropertyName(name);
            Write(writer, member);
        }

        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StructValue:
                Write(writer, value.StructValue);
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
}
