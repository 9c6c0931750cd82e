using System.Collections;
using System.Text.Json;
using GenAI.Chats.Models.Json;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Web.Json;

/// <summary>Reads JSON into the contract's messages. Each error is INVALID_ARGUMENT, and names the field.</summary>
internal static class ContractReader
{
    /// <summary>Reads the members of an object into a message. As in proto JSON, names can be in lowerCamelCase or as in the contract, and null means absent.</summary>
    /// <param name="message">The message.</param>
    /// <param name="json">The object.</param>
    /// <param name="path">The path of the object. Empty for the request.</param>
    public static void Read(IMessage message, JsonElement json, string path = "")
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(path, $"must be a JSON object, not {Describe(json)}");
        }

        var seen = new HashSet<FieldDescriptor>();
        foreach (var member in json.EnumerateObject())
        {
            var name = NameOf(member, path);
            var field = ContractJson.FindField(message.Descriptor, name) ?? throw Invalid(PathOf(path, name), $"isn't a field of {message.Descriptor.Name}");
            var fieldPath = PathOf(path, field.Name);
            if (!seen.Add(field))
            {
                throw Invalid(fieldPath, "is set twice");
            }

            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                ReadField(message, field, member.Value, fieldPath);
            }
        }
    }

    /// <summary>Reads a scalar field from text, such as a parameter of a URL.</summary>
    public static void ReadText(IMessage message, FieldDescriptor field, string text)
    {
        object? value = field switch
        {
            { FieldType: FieldType.String } => text,
            { FieldType: FieldType.Bool } => text switch { "true" => true, "false" => false, _ => null },
            { FieldType: FieldType.Int32 } => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
            { FieldType: FieldType.Int64 } => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
            { FieldType: FieldType.Enum } => NumberOf(field.EnumType, text),
            _ => throw new NotSupportedException($"{field.FullName} can't be a parameter."),
        };
        field.Accessor.SetValue(message, value ?? throw Invalid(field.Name, $"must be {Expected(field)} (got \"{Text.Cut(text, Text.MaxValueBytes)}\")"));
    }

    private static void ReadField(IMessage message, FieldDescriptor field, JsonElement json, string path)
    {
        if (field.RealContainingOneof is { } oneof && oneof.Accessor.GetCaseFieldDescriptor(message) is { } other)
        {
            throw Invalid(path, $"can't be combined with {other.Name}");
        }

        if (field.IsMap)
        {
            ReadMap(field, json, (IDictionary)field.Accessor.GetValue(message), path);
        }
        else if (field.IsRepeated)
        {
            ReadList(field, json, (IList)field.Accessor.GetValue(message), path);
        }
        else
        {
            field.Accessor.SetValue(message, ReadSingle(field, json, path));
        }
    }

    private static void ReadList(FieldDescriptor field, JsonElement json, IList list, string path)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            throw Invalid(path, $"must be a list, not {Describe(json)}");
        }

        foreach (var item in json.EnumerateArray())
        {
            list.Add(ReadSingle(field, item, $"{path}[{list.Count}]"));
        }
    }

    private static void ReadMap(FieldDescriptor field, JsonElement json, IDictionary map, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(path, $"must be an object, not {Describe(json)}");
        }

        var value = field.MessageType.FindFieldByNumber(2);
        foreach (var member in json.EnumerateObject())
        {
            var name = NameOf(member, path);
            map[name] = ReadSingle(value, member.Value, PathOf(path, name));
        }
    }

    private static object ReadSingle(FieldDescriptor field, JsonElement json, string path) =>
        field.FieldType == FieldType.Message ? ReadMessage(field.MessageType, json, path)
        : ReadScalar(field, json, path) ?? throw Invalid(path, $"must be {Expected(field)}, not {Describe(json)}");

    private static IMessage ReadMessage(MessageDescriptor type, JsonElement json, string path)
    {
        if (ContractJson.IsContent(type))
        {
            return ReadContent(type, json, path);
        }

        if (type == Timestamp.Descriptor || type == Duration.Descriptor || type == FieldMask.Descriptor)
        {
            return ReadWellKnown(type, json, path);
        }

        var message = type.Parser.ParseFrom(ByteString.Empty);
        Read(message, json, path);
        return message;
    }

    private static IMessage ReadContent(MessageDescriptor type, JsonElement json, string path)
    {
        try
        {
            return RestJson.ReadStrict(type, json);
        }
        catch (JsonException invalid)
        {
            throw Invalid(invalid.Path is { } inner ? PathOf(path, inner) : path, invalid.Message);
        }
    }

    private static IMessage ReadWellKnown(MessageDescriptor type, JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            try
            {
                return JsonParser.Default.Parse(json.GetRawText(), type);
            }
            catch (Exception failure) when (failure is InvalidProtocolBufferException or InvalidJsonException or InvalidOperationException)
            {
                // The error below describes it.
            }
        }

        var expected = type == Timestamp.Descriptor ? "a time such as \"2030-01-31T12:00:00Z\""
            : type == Duration.Descriptor ? "a duration in seconds such as \"3600s\""
            : "a comma-separated list of fields";
        throw Invalid(path, $"must be {expected}, not {Describe(json)}");
    }

    private static object? ReadScalar(FieldDescriptor field, JsonElement json, string path) => field.FieldType switch
    {
        FieldType.String => json.ValueKind == JsonValueKind.String ? TextOf(json, path) : null,
        FieldType.Bool => json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : null,
        FieldType.Int32 => ReadInteger(json, path) is { } number and >= int.MinValue and <= int.MaxValue ? (int)number : null,
        FieldType.Int64 => ReadInteger(json, path),
        FieldType.Enum => json.ValueKind == JsonValueKind.String ? NumberOf(field.EnumType, TextOf(json, path)) : null,
        _ => throw new NotSupportedException($"{field.FullName}: fields of type {field.FieldType} aren't supported."),
    };

    // 12.0 is an integer, too.
    private static long? ReadInteger(JsonElement json, string path) => json.ValueKind switch
    {
        JsonValueKind.Number when json.TryGetInt64(out var number) => number,
        JsonValueKind.Number when json.TryGetDecimal(out var number) && number == decimal.Truncate(number) && Math.Abs(number) <= long.MaxValue => (long)number,
        JsonValueKind.String when long.TryParse(TextOf(json, path), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    private static int? NumberOf(EnumDescriptor type, string name) => type.FindValueByName(name)?.Number;

    private static string TextOf(JsonElement json, string path)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Invalid(path, "isn't valid text: it contains half of a surrogate pair");
        }
    }

    private static string NameOf(JsonProperty member, string path)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            throw Invalid(path, "has a member with a name that isn't valid text");
        }
    }

    private static string Expected(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "a string",
        FieldType.Bool => "true or false",
        FieldType.Enum => $"one of: {string.Join(", ", field.EnumType.Values.Select(static value => value.Name))}",
        _ => $"an integer of {(field.FieldType == FieldType.Int32 ? 32 : 64)} bits",
    };

    private static string Describe(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.Null => "null",
        _ => Text.Cut(json.GetRawText(), Text.MaxValueBytes),
    };

    private static string PathOf(string path, string name) => path.Length == 0 ? name : name.StartsWith('[') ? path + name : $"{path}.{name}";

    private static RpcException Invalid(string path, string rule) => RpcErrors.Invalid(path.Length == 0 ? "body" : path, rule);
}
