using System.Text.Unicode;
using GenAI.Chats.Api.Errors;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Api.Validation;

/// <summary>
/// Checks a request's bytes before they become a message, since what a parser does with text that is not UTF-8 differs by its version:
/// some replace it, some fail without saying where. Fields that the contract does not know are passed over.
/// </summary>
internal static class WireRules
{
    // Protobuf's parsers give up at 100. What comes in is stored and sent inside of other messages, and must be readable there too.
    private const int MaxDepth = 90;

    private const int TagBits = 3;

    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        LengthDelimited = 2,
        StartGroup = 3,
        EndGroup = 4,
        Fixed32 = 5,
    }

    /// <summary>Checks that all strings are UTF-8, and that messages are not nested too deeply.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: names the field, or says that the bytes are no such message.</exception>
    public static void Check(ReadOnlySpan<byte> message, MessageDescriptor type)
    {
        if (Find(message, type, depth: 1) is { } violation)
        {
            throw RpcErrors.Invalid(violation.Field, violation.Rule);
        }
    }

    /// <summary>The bytes are no message of the type.</summary>
    public static Grpc.Core.RpcException Malformed(MessageDescriptor type) => RpcErrors.Malformed($"The request is not a {type.FullName}.");

    private static Violation? Find(ReadOnlySpan<byte> message, MessageDescriptor type, int depth)
    {
        if (depth > MaxDepth)
        {
            return new Violation("", $"must not be nested more than {MaxDepth} messages deep");
        }

        for (var rest = message; !rest.IsEmpty;)
        {
            var at = message.Length - rest.Length;
            var (number, value) = ReadField(ref rest, type);
            if (type.FindFieldByNumber(number) is not { } field || value.IsEmpty)
            {
                continue;
            }

            if (field.FieldType == FieldType.String && !Utf8.IsValid(value))
            {
                return new Violation(Name(field, message[..at]), "must be valid UTF-8");
            }

            if (field.FieldType == FieldType.Message && Find(value, field.MessageType, depth + 1) is { } inner)
            {
                return inner.In(Name(field, message[..at]));
            }
        }

        return null;
    }

    // The value is empty unless it has a length of its own: numbers have nothing to check.
    private static Field ReadField(ref ReadOnlySpan<byte> rest, MessageDescriptor type)
    {
        var tag = ReadVarint(ref rest, type);
        var number = (int)(tag >> TagBits);
        switch ((WireType)(tag & ((1 << TagBits) - 1)))
        {
            case WireType.Varint:
                ReadVarint(ref rest, type);
                return new Field(number, default);
            case WireType.Fixed64:
                Take(ref rest, sizeof(ulong), type);
                return new Field(number, default);
            case WireType.LengthDelimited:
                return new Field(number, Take(ref rest, ReadVarint(ref rest, type), type));
            case WireType.Fixed32:
                Take(ref rest, sizeof(uint), type);
                return new Field(number, default);
            case WireType.StartGroup:
            case WireType.EndGroup:
                // Only ever unknown fields, and what they hold is dropped by the parser.
                return new Field(0, default);
            default:
                throw Malformed(type);
        }
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, ulong length, MessageDescriptor type)
    {
        if (length > (ulong)rest.Length)
        {
            throw Malformed(type);
        }

        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> rest, MessageDescriptor type)
    {
        ulong value = 0;
        for (var i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7f) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return value;
            }
        }

        throw Malformed(type);
    }

    // An element of a list is named with its place among those before it.
    private static string Name(FieldDescriptor field, ReadOnlySpan<byte> before)
    {
        if (!field.IsRepeated || field.IsMap)
        {
            return field.Name;
        }

        var index = 0;
        while (!before.IsEmpty)
        {
            index += ReadField(ref before, field.ContainingType).Number == field.FieldNumber ? 1 : 0;
        }

        return $"{field.Name}[{index}]";
    }

    private readonly ref struct Field(int number, ReadOnlySpan<byte> value)
    {
        public int Number { get; } = number;

        public ReadOnlySpan<byte> Value { get; } = value;

        public void Deconstruct(out int number, out ReadOnlySpan<byte> value)
        {
            number = Number;
            value = Value;
        }
    }

    private sealed record Violation(string Field, string Rule)
    {
        public Violation In(string outer) => this with { Field = Field.Length == 0 ? outer : $"{outer}.{Field}" };
    }
}
