using GenAI.Chats.Engine.Protobuf;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Api.Validation;

/// <summary>
/// Limits the nesting and the number of messages in a request before it's parsed. The parser can't: its limit of 100 levels can't be changed, but requests are
/// stored and sent inside other messages, and must be readable there, too. It has no limit for the number of messages, which take 2 bytes in a request, and 100
/// bytes when they are parsed. The parser checks everything else, such as lengths, wire types, and UTF-8.
/// </summary>
internal static class NestingRule
{
    private const int MaxDepth = 90;

    // Unknown fields count, because the parser keeps them.
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

    // The search ends at malformed bytes: the parser rejects them.
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
