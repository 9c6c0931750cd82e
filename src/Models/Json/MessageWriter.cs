using System.Collections;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Models.Json;

/// <summary>Writes messages as JSON objects.</summary>
internal static class MessageWriter
{
    public static void Write(Utf8JsonWriter writer, IMessage message)
    {
        switch (message)
        {
            case Value any:
                StructJson.Write(writer, any);
                break;
            case Struct members:
                StructJson.Write(writer, members, null);
                break;
            case Timestamp or Duration:
                writer.WriteRawValue(JsonFormatter.Default.Format(message));
                break;
            default:
                WriteObject(writer, message);
                break;
        }
    }

    /// <summary>Returns whether the JSON has a member for the field.</summary>
    public static bool IsSet(FieldDescriptor field, IMessage message)
    {
        if (field.HasPresence)
        {
            return field.Accessor.HasValue(message);
        }

        return field.Accessor.GetValue(message) switch
        {
            ICollection collection => collection.Count > 0,
            string text => text.Length > 0,
            ByteString bytes => !bytes.IsEmpty,
            var other => throw new NotSupportedException($"{field.FullName}: a {other.GetType().Name} needs presence (optional)."),
        };
    }

    /// <summary>Writes the value of a set field.</summary>
    public static void WriteField(Utf8JsonWriter writer, FieldShape field, IMessage message)
    {
        var descriptor = field.Descriptor;
        var value = descriptor.Accessor.GetValue(message);
        if (field.MapValue is { } mapValue)
        {
            writer.WriteStartObject();
            foreach (DictionaryEntry entry in (IDictionary)value)
            {
                writer.WritePropertyName((string)entry.Key);
                WriteSingle(writer, mapValue, entry.Value!);
            }

            writer.WriteEndObject();
        }
        else if (descriptor.IsRepeated)
        {
            writer.WriteStartArray();
            foreach (var item in (IList)value)
            {
                WriteSingle(writer, descriptor, item);
            }

            writer.WriteEndArray();
        }
        else
        {
            WriteSingle(writer, descriptor, value);
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, IMessage message)
    {
        var shape = MessageShape.Of(message.Descriptor);
        writer.WriteStartObject();
        foreach (var field in shape.Fields)
        {
            if (field.Exact?.GetValue(message) is ExactJson exact)
            {
                writer.WritePropertyName(field.JsonName);
                StructJson.Write(writer, (Struct?)field.Descriptor.Accessor.GetValue(message), exact);
            }
            else if (IsSet(field.Descriptor, message))
            {
                writer.WritePropertyName(field.JsonName);
                WriteField(writer, field, message);
            }
        }

        WriteExtra(writer, shape, message);

        writer.WriteEndObject();
    }

    private static void WriteExtra(Utf8JsonWriter writer, MessageShape shape, IMessage message)
    {
        var (extra, exact) = (shape.GetExtra(message), shape.GetExactExtra(message));
        foreach (var name in StructJson.Names(extra, exact))
        {
            // A value that didn't match its field is in extra under the field's name. If the field is set, its value is written instead.
            if (shape.Find(name) is not { } field || !IsSet(field.Descriptor, message))
            {
                StructJson.WriteMember(writer, name, extra, exact);
            }
        }
    }

    private static void WriteSingle(Utf8JsonWriter writer, FieldDescriptor field, object value)
    {
        if (field.FieldType == FieldType.Message)
        {
            Write(writer, (IMessage)value);
        }
        else
        {
            ScalarJson.Write(writer, field.FieldType, value);
        }
    }
}
