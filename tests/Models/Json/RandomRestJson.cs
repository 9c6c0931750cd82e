using System.Text.Json.Nodes;
using GenAI.Chats.V1;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Tests.Json;

/// <summary>
/// Makes JSON for a message: values that fit their fields, values that do not, nulls, and unknown members, at every level.
/// </summary>
internal sealed class RandomRestJson(Random random)
{
    private const int MaxLevel = 5;

    private static readonly string[] NoDoubles = ["12345678901234567890", "1e400", "-9007199254740993", "0.1234567890123456789", "1.0"];

    /// <summary>An object, and what it must come back as: the same, but for nulls of known members.</summary>
    public (JsonObject Json, JsonObject Expected) Message(MessageDescriptor type, int level = 0)
    {
        var json = new JsonObject();
        var expected = new JsonObject();
        var taken = new HashSet<OneofDescriptor>();
        foreach (var field in type.Fields.InFieldNumberOrder().Where(field => field.Name != "extra" && !IsA(field, ExactJson.Descriptor)).OrderBy(_ => random.Next()))
        {
            if (random.Next(3) != 0 || level > MaxLevel)
            {
                continue;
            }

            var takesNull = !field.IsRepeated && (field.FieldType == FieldType.Enum || IsA(field, Value.Descriptor));
            if (!takesNull && random.Next(8) == 0)
            {
                json[field.JsonName] = null;
            }
            else if (random.Next(6) == 0)
            {
                (json[field.JsonName], expected[field.JsonName]) = Same(Misfit(field));
            }
            else
            {
                // Of a oneof only the first is read; the others are kept to the letter.
                var (value, comesBack) = Fitting(field, level);
                var isRead = field.RealContainingOneof is null || taken.Add(field.RealContainingOneof);
                json[field.JsonName] = value;
                expected[field.JsonName] = isRead ? comesBack : value?.DeepClone();
            }
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            var name = random.Next(4) == 0 ? "extra" : $"unknown{i} ü\"";
            (json[name], expected[name]) = Same(Any(level, isExact: true));
        }

        return (json, expected);
    }

    private (JsonNode? Json, JsonNode? Expected) Fitting(FieldDescriptor field, int level)
    {
        if (field.IsMap)
        {
            var (value, expected) = Single(field.MessageType.FindFieldByNumber(2), level);
            return (new JsonObject { ["k"] = value }, new JsonObject { ["k"] = expected });
        }

        if (!field.IsRepeated)
        {
            return Single(field, level);
        }

        var items = Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Single(field, level)).ToList();
        return (new JsonArray([.. items.Select(item => item.Json)]), new JsonArray([.. items.Select(item => item.Expected)]));
    }

    private (JsonNode? Json, JsonNode? Expected) Single(FieldDescriptor field, int level) => field.FieldType switch
    {
        FieldType.String => Same(Text()),
        FieldType.Bytes => Same(Convert.ToBase64String(Bytes())),
        FieldType.Bool => Same(random.Next(2) == 0),
        FieldType.Int32 => Same(random.Next(-5, 1000)),
        FieldType.Int64 => Same(random.NextInt64(long.MinValue, long.MaxValue).ToString()),
        FieldType.Double => Same(Number()),
        FieldType.Enum => Same(null),
        _ when IsA(field, Value.Descriptor) => Same(Any(level)),
        _ when IsA(field, Struct.Descriptor) => Same(AnyObject(level, field.ContainingType.FindFieldByName($"{field.Name}_json") is not null)),
        _ when IsA(field, Timestamp.Descriptor) => Same("2026-02-03T04:05:06.789Z"),
        _ when IsA(field, Duration.Descriptor) => Same($"{random.Next(100)}s"),
        _ => Message(field.MessageType, level + 1),
    };

    // No field but Value takes a list in a list; Value takes all, and its misfit is the value that it is.
    private JsonNode? Misfit(FieldDescriptor field) => (field.IsMap, field.IsRepeated) switch
    {
        (true, _) => new JsonObject { ["k"] = new JsonArray(1) },
        (_, true) => random.Next(2) == 0 ? new JsonObject { ["x"] = Text() } : new JsonArray(null, new JsonArray(Text())),
        _ => new JsonArray(new JsonArray(Text())),
    };

    private JsonNode? Any(int level, bool isExact = false) => random.Next(level > MaxLevel ? 4 : 6) switch
    {
        0 => null,
        1 => Text(),
        2 => isExact && random.Next(3) == 0 ? JsonNode.Parse(NoDoubles[random.Next(NoDoubles.Length)]) : Number(),
        3 => random.Next(2) == 0,
        4 => new JsonArray(Any(level + 1, isExact), Any(level + 1, isExact)),
        _ => AnyObject(level + 1, isExact),
    };

    private JsonObject AnyObject(int level, bool isExact)
    {
        var result = new JsonObject();
        for (var i = random.Next(3); i > 0; i--)
        {
            result[$"{Text()}{i}"] = Any(level + 1, isExact);
        }

        return result;
    }

    private double Number() => random.Next(4) switch
    {
        0 => random.Next(-3, 3),
        1 => random.NextInt64(-(1L << 53), 1L << 53),
        2 => random.NextDouble() * 1e30,
        _ => random.NextDouble() - 0.5,
    };

    private string Text() => random.GetString("ab \n\"\\/<é日🎉".Where(character => !char.IsSurrogate(character)).ToArray(), 1 + random.Next(8));

    private byte[] Bytes()
    {
        var bytes = new byte[1 + random.Next(20)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static (JsonNode? Json, JsonNode? Expected) Same(JsonNode? value) => (value, value?.DeepClone());

    private static bool IsA(FieldDescriptor field, MessageDescriptor type) => field.FieldType == FieldType.Message && field.MessageType == type;
}
