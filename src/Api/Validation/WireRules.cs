using System.Text.Unicode;
using GenAI.Chats.Api.Errors;
using GenAI.Chats.Grains.Engine;
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
            var read = Read(ref rest, type);
            if (read.Value.IsEmpty || type.FindFieldByNumber(read.Number) is not { } field)
            {
                continue;
            }

            if (field.FieldType == FieldType.String && !Utf8.IsValid(read.Value))
            {
                return new Violation(Name(field, message[..at]), "must be valid UTF-8");
            }

            if (field.FieldType == FieldType.Message && Find(read.Value, field.MessageType, depth + 1) is { } inner)
            {
                return inner.In(Name(field, message[..at]));
            }
        }

        return null;
    }

    private static WireField Read(ref ReadOnlySpan<byte> rest, MessageDescriptor type) =>
        WireField.TryRead(ref rest, out var field) ? field : throw Malformed(type);

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
            index += Read(ref before, field.ContainingType).Number == field.FieldNumber ? 1 : 0;
        }

        return $"{field.Name}[{index}]";
    }

    private sealed record Violation(string Field, string Rule)
    {
        public Violation In(string outer) => this with { Field = Field.Length == 0 ? outer : $"{outer}.{Field}" };
    }
}
