using System.Collections;
using System.Text.Json;
using GenAI.Chats.Models.Json;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Web.Json;

/// <summary>Writes the contract's messages as proto JSON: without default values, and with 64-bit integers as strings.</summary>
internal static class ContractWriter
{
    /// <summary>Returns a message as JSON in UTF-8.</summary>
    public static byte[] ToBytes(IMessage message)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, ContractJson.WriterOptions))
        {
            Write(json, message);
        }

        return buffer.ToArray();
    }

    /// <summary>Writes a message as a JSON value.</summary>
    public static void Write(Utf8JsonWriter json, IMessage message)
    {
        var type = message.Descriptor;
        if (ContractJson.IsContent(type) || type == Timestamp.Descriptor || type == Duration.Descriptor)
        {
            RestJson.Write(json, message);
            return;
        }

        json.WriteStartObject();
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            if (IsSet(field, message))
            {
                json.WritePropertyName(field.JsonName);
                WriteField(json, field, field.Accessor.GetValue(message));
            }
        }

        json.WriteEndObject();
    }

    private static bool IsSet(FieldDescriptor field, IMessage message) => field.HasPresence
        ? field.Accessor.HasValue(message)
        : field.Accessor.GetValue(message) switch
        {
            ICollection list => list.Count > 0,
            string text => text.Length > 0,
            bool flag => flag,
            var number => Convert.ToInt64(number, CultureInfo.InvariantCulture) != 0,
        };

    private static void WriteField(Utf8JsonWriter json, FieldDescriptor field, object value)
    {
        if (field.IsMap)
        {
            var valueField = field.MessageType.FindFieldByNumber(2);
            json.WriteStartObject();
            foreach (DictionaryEntry entry in (IDictionary)value)
            {
                json.WritePropertyName((string)entry.Key);
                WriteSingle(json, valueField, entry.Value!);
            }

            json.WriteEndObject();
        }
        else if (field.IsRepeated)
        {
            json.WriteStartArray();
            foreach (var item in (IList)value)
            {
                WriteSingle(json, field, item);
            }

            json.WriteEndArray();
        }
        else
        {
            WriteSingle(json, field, value);
        }
    }

    private static void WriteSingle(Utf8JsonWriter json, FieldDescriptor field, object value)
    {
        switch (field.FieldType)
        {
            case FieldType.Message:
                Write(json, (IMessage)value);
                break;
            case FieldType.String:
                json.WriteStringValue((string)value);
                break;
            case FieldType.Bool:
                json.WriteBooleanValue((bool)value);
                break;
            case FieldType.Int32:
                json.WriteNumberValue((int)value);
                break;
            case FieldType.Int64:
                json.WriteStringValue(((long)value).ToString(CultureInfo.InvariantCulture));
                break;
            case FieldType.Enum:
                WriteEnum(json, field.EnumType, Convert.ToInt32(value, CultureInfo.InvariantCulture));
                break;
            default:
                throw new NotSupportedException($"{field.FullName}: fields of type {field.FieldType} aren't supported.");
        }
    }

    // Values of later versions have no name here.
    private static void WriteEnum(Utf8JsonWriter json, EnumDescriptor type, int number)
    {
        if (type.FindValueByNumber(number) is { } value)
        {
            json.WriteStringValue(value.Name);
        }
        else
        {
            json.WriteNumberValue(number);
        }
    }
}
