using GenAI.Chats.Api.Errors;
using GenAI.Chats.Grains.Engine;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Api.Validation;

/// <summary>
/// Limits how deeply a request's messages are nested. The parser's own limit is 100, but what comes in is stored and sent inside other messages, and must be
/// readable there, too. The parser checks everything else: lengths, wire types, and that strings are UTF-8.
/// </summary>
internal static class NestingRule
{
    private const int MaxDepth = 90;

    /// <summary>Checks a request's bytes before they are parsed. Fields that the contract doesn't know are ignored.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT, with the path of the field.</exception>
    public static void Check(ReadOnlySpan<byte> message, MessageDescriptor type)
    {
        if (FindTooDeep(message, type, depth: 1) is { } path)
        {
            throw RpcErrors.Invalid(path, $"must not be nested more than {MaxDepth} messages deep");
        }
    }

    // Bytes that aren't a message end the search: the parser rejects them.
    private static string? FindTooDeep(ReadOnlySpan<byte> message, MessageDescriptor type, int depth)
    {
        if (depth > MaxDepth)
        {
            return "";
        }

        for (var rest = message; WireField.TryRead(ref rest, out var read);)
        {
            if (!read.Value.IsEmpty
                && type.FindFieldByNumber(read.Number) is { FieldType: FieldType.Message } field
                && FindTooDeep(read.Value, field.MessageType, depth + 1) is { } inner)
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
