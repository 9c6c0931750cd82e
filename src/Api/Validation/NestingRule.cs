using GenAI.Chats.Api.Errors;
using GenAI.Chats.Engine.History;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Api.Validation;

/// <summary>
/// Limits how deeply a request's messages are nested, and how many there are. The parser's own limit of nesting is 100, but what comes in is stored and sent
/// inside other messages, and must be readable there, too. It has no limit of messages: each takes two bytes at least, and a hundred when it's parsed. The
/// parser checks everything else: lengths, wire types, and that strings are UTF-8.
/// </summary>
internal static class NestingRule
{
    private const int MaxDepth = 90;

    // Fields that the contract doesn't know are kept, too.
    private const int MaxMessages = 1_000_000;

    /// <summary>Checks a request's bytes before they are parsed.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT, with the path of the field.</exception>
    public static void Check(ReadOnlySpan<byte> message, MessageDescriptor type)
    {
        var left = MaxMessages;
        if (FindTooMuch(message, type, depth: 1, ref left) is { } path)
        {
            throw RpcErrors.Invalid(
                path.Length > 0 ? path : type.Name,
                left < 0 ? $"must not be one of more than {MaxMessages} messages in the request" : $"must not be nested more than {MaxDepth} messages deep");
        }
    }

    // Bytes that aren't a message end the search: the parser rejects them.
    private static string? FindTooMuch(ReadOnlySpan<byte> message, MessageDescriptor type, int depth, ref int left)
    {
        if (depth > MaxDepth || --left < 0)
        {
            return "";
        }

        for (var rest = message; WireField.TryRead(ref rest, out var read);)
        {
            if (type.FindFieldByNumber(read.Number) is not { } field)
            {
                if (--left < 0)
                {
                    return "";
                }
            }
            else if (field.FieldType == FieldType.Message && FindTooMuch(read.Value, field.MessageType, depth + 1, ref left) is { } inner)
            {
                var name = NameOf(field, message[..^(rest.Length + read.Whole.Length)]);
                return inner.Length == 0 ? name : $"{name}.{inner}";
            }
        }

        return null;
    }

    // The index of a list's element is the number of elements before it.
    private static string NameOf(FieldDescriptor field, ReadOnlySpan<byte> before)
    {
        if (!field.IsRepeated || field.IsMap)
        {
            return field.Name;
        }

        var index = 0;
        while (WireField.TryRead(ref before, out var read))
        {
            index += read.Number == field.FieldNumber ? 1 : 0;
        }

        return $"{field.Name}[{index}]";
    }
}
