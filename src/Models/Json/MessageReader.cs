using System.Collections;
using System.Text.Json;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Json;

/// <summary>Reads JSON objects into messages.</summary>
/// <param name="inPieces">Whether the texts of parts are chunks of longer texts, so that halves of surrogate pairs are kept.</param>
internal sealed class MessageReader(bool inPieces)
{
    private static readonly FieldDescriptor PartText = Part.Descriptor.FindFieldByNumber(Part.TextFieldNumber);

    /// <summary>Returns the message, or null if the JSON doesn't match its type.</summary>
    public IMessage? Read(MessageDescriptor type, JsonElement json)
    {
        if (type == Value.Descriptor)
        {
            return StructJson.ReadValue(json);
        }

        if (type == Timestamp.Descriptor || type == Duration.Descriptor)
        {
            return ReadTime(type, json);
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (type == Struct.Descriptor)
        {
            ExactJson? exact = null;
            return StructJson.ReadStruct(json, ref exact);
        }

        var message = type.Parser.ParseFrom(ReadOnlySpan<byte>.Empty);
        ReadMembers(json, message);
        return message;
    }

    private void ReadMembers(JsonElement element, IMessage message)
    {
        var shape = MessageShape.Of(message.Descriptor);
        foreach (var member in element.EnumerateObject())
        {
            var name = member.Name;
            if (shape.Find(name) is not { } field || !TryReadMember(field, member.Value, message))
            {
                Keep(shape, name, member.Value, message);
            }
        }
    }

    private static void Keep(MessageShape shape, string name, JsonElement value, IMessage message)
    {
        if (shape.Extra is null)
        {
            return;
        }

        var extra = shape.GetExtra(message);
        if (extra is null)
        {
            extra = new Struct();
            shape.Extra.SetValue(message, extra);
        }

        var exact = shape.GetExactExtra(message);
        StructJson.AddMember(extra, ref exact, name, value);
        if (exact is not null)
        {
            shape.ExactExtra!.SetValue(message, exact);
        }
    }

    private bool TryReadMember(FieldShape field, JsonElement json, IMessage message)
    {
        var descriptor = field.Descriptor;
        if (json.ValueKind == JsonValueKind.Null && !field.TakesNull)
        {
            return true;
        }

        if (field.MapValue is { } mapValue)
        {
            return TryReadMap(mapValue, json, (IDictionary)descriptor.Accessor.GetValue(message));
        }

        if (descriptor.IsRepeated)
        {
            return TryReadList(descriptor, json, (IList)descriptor.Accessor.GetValue(message));
        }

        // Two members of a oneof: the first one sets the field, the second one is stored as unknown.
        if (descriptor.RealContainingOneof?.Accessor.GetCaseFieldDescriptor(message) is { } other && other != descriptor)
        {
            return false;
        }

        if (field.Exact is not null && json.ValueKind == JsonValueKind.Object)
        {
            ExactJson? exact = null;
            descriptor.Accessor.SetValue(message, StructJson.ReadStruct(json, ref exact));
            if (exact is not null)
            {
                field.Exact.SetValue(message, exact);
            }

            return true;
        }

        if (!TryReadSingle(descriptor, json, out var value))
        {
            return false;
        }

        descriptor.Accessor.SetValue(message, value);
        return true;
    }

    private bool TryReadList(FieldDescriptor field, JsonElement json, IList list)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        list.Clear();
        foreach (var item in json.EnumerateArray())
        {
            if (!TryReadSingle(field, item, out var value))
            {
                list.Clear();
                return false;
            }

            list.Add(value);
        }

        return true;
    }

    private bool TryReadMap(FieldDescriptor valueField, JsonElement json, IDictionary map)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        map.Clear();
        foreach (var member in json.EnumerateObject())
        {
            if (!TryReadSingle(valueField, member.Value, out var value))
            {
                map.Clear();
                return false;
            }

            map[member.Name] = value;
        }

        return true;
    }

    private bool TryReadSingle(FieldDescriptor field, JsonElement json, out object? value)
    {
        value = field.FieldType == FieldType.Message ? Read(field.MessageType, json)
            : inPieces && field == PartText && json.ValueKind == JsonValueKind.String ? JsonText.ReadPiece(json)
            : ScalarJson.Read(field.FieldType, json);
        return value is not null;
    }

    private static IMessage? ReadTime(MessageDescriptor type, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return JsonParser.Default.Parse(json.GetRawText(), type);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidOperationException)
        {
            return null;
        }
    }
}
