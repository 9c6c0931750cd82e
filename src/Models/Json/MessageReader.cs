using System.Collections;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Models.Json;

/// <summary>Reads JSON objects into messages.</summary>
/// <param name="isResponse">
/// Whether it is a response of a model: the texts of parts are chunks of longer texts, so halves of surrogate pairs are kept, and token counts above 2^31-1
/// are replaced by this value.
/// </param>
/// <param name="isStrict">Whether known members must have valid values, and unknown ones are only allowed in messages that keep them.</param>
internal sealed class MessageReader(bool isResponse, bool isStrict = false)
{
    private static readonly FieldDescriptor PartText = Part.Descriptor.FindFieldByNumber(Part.TextFieldNumber);

    // The names of the members around the current one, and indexes such as [0].
    private readonly Stack<string> _path = new();

    /// <summary>Returns the message, or null if the JSON doesn't match its type.</summary>
    public IMessage? Read(MessageDescriptor type, JsonElement json) => json.ValueKind switch
    {
        _ when type == Value.Descriptor => StructJson.ReadValue(json),
        _ when type == Timestamp.Descriptor || type == Duration.Descriptor => ReadTime(type, json),
        not JsonValueKind.Object => null,
        _ when type == Struct.Descriptor => StructJson.ReadStruct(json, out _),
        _ => ReadMembers(json, type.Parser.ParseFrom(ReadOnlySpan<byte>.Empty)),
    };

    private IMessage ReadMembers(JsonElement json, IMessage message)
    {
        var shape = MessageShape.Of(message.Descriptor);
        foreach (var member in json.EnumerateObject())
        {
            var name = member.Name;
            if (isStrict)
            {
                _path.Push(name);
            }

            if (shape.Find(name) is not { } field)
            {
                Check(shape.Extra is not null, "isn't known");
                Check(message.Descriptor.FindFieldByName(name) is not { } known || known.JsonName == name, "has the name of a field: use its name in JSON");
                Keep(shape, name, member.Value, message);
            }
            else if (!TryReadMember(field, member.Value, message))
            {
                Check(false, "has an invalid value, or can't be combined with another member");
                Keep(shape, name, member.Value, message);
            }

            if (isStrict)
            {
                _path.Pop();
            }
        }

        return message;
    }

    private void Check(bool isValid, string rule)
    {
        if (isStrict && !isValid)
        {
            throw new JsonException(rule, string.Concat(_path.Reverse().Select(static (name, i) => i == 0 || name.StartsWith('[') ? name : $".{name}")), null, null);
        }
    }

    private static void Keep(MessageShape shape, string name, JsonElement value, IMessage message)
    {
        if (shape.Extra is null)
        {
            return;
        }

        var (extra, exact) = (shape.GetExtra(message) ?? new Struct(), shape.GetExactExtra(message));
        StructJson.AddMember(extra, ref exact, name, value);
        shape.Extra.SetValue(message, extra);
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

        ExactJson? exact = null;
        var value = field.Exact is not null && json.ValueKind == JsonValueKind.Object
            ? StructJson.ReadStruct(json, out exact)
            : ReadSingle(descriptor, json);
        if (value is null)
        {
            return false;
        }

        descriptor.Accessor.SetValue(message, value);
        if (exact is not null)
        {
            field.Exact!.SetValue(message, exact);
        }

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
            if (isStrict)
            {
                _path.Push($"[{list.Count}]");
            }

            if (ReadSingle(field, item) is not { } value)
            {
                Check(false, "has an invalid value");
                list.Clear();
                return false;
            }

            if (isStrict)
            {
                _path.Pop();
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
            if (ReadSingle(valueField, member.Value) is not { } value)
            {
                map.Clear();
                return false;
            }

            map[member.Name] = value;
        }

        return true;
    }

    private object? ReadSingle(FieldDescriptor field, JsonElement json) => field.FieldType switch
    {
        FieldType.Message => Read(field.MessageType, json),
        FieldType.String when isResponse && field == PartText && json.ValueKind == JsonValueKind.String => JsonText.ReadPiece(json),
        FieldType.Int32 when isResponse && IsCount(field) => ScalarJson.ReadCount(json),
        var type => ScalarJson.Read(type, json),
    };

    private static bool IsCount(FieldDescriptor field) =>
        field.ContainingType == UsageMetadata.Descriptor || field.ContainingType == ModalityTokenCount.Descriptor;

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
