using System.Collections;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Api.Sizes;

/// <summary>Leaves out the data of large parts, so that a message fits a client's limit: <see cref="Part.OmittedBytes"/> says how much is missing.</summary>
internal static class PartOmission
{
    // Values up to this size stay, such as a MIME type, and the name and ID of a function.
    private const int MaxKeptBytes = 256;

    /// <summary>Leaves out as few parts of a message as possible, the largest ones first.</summary>
    /// <param name="message">The message, which is changed.</param>
    /// <param name="limit">The maximum size in bytes.</param>
    public static void Shorten(IMessage message, int limit)
    {
        foreach (var part in PartsOf(message).OrderByDescending(static part => part.CalculateSize()).ToList())
        {
            if (message.CalculateSize() <= limit)
            {
                return;
            }

            var size = part.CalculateSize();
            RemoveData(part);
            part.OmittedBytes = size - part.CalculateSize();
        }
    }

    private static IEnumerable<Part> PartsOf(IMessage message) => message is Part part
        ? [part]
        : message.Descriptor.Fields.InDeclarationOrder()
            .Where(static field => field is { FieldType: FieldType.Message, IsMap: false } && IsOfContract(field.MessageType))
            .SelectMany(field => field.Accessor.GetValue(message) is var value && field.IsRepeated ? ((IList)value).Cast<IMessage>() : value is IMessage one ? [one] : [])
            .SelectMany(PartsOf);

    private static void RemoveData(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var value = field.Accessor.GetValue(message);
            if (SizeOf(value) <= MaxKeptBytes)
            {
                continue;
            }

            if (value is IMessage nested && IsOfContract(nested.Descriptor))
            {
                RemoveData(nested);
            }
            else
            {
                field.Accessor.Clear(message);
            }
        }
    }

    private static bool IsOfContract(MessageDescriptor type) => type.File.Package == Part.Descriptor.File.Package;

    private static long SizeOf(object? value) => value switch
    {
        string text => Encoding.UTF8.GetByteCount(text),
        ByteString bytes => bytes.Length,
        IMessage message => message.CalculateSize(),
        IDictionary map => SizeOf(map.Keys) + SizeOf(map.Values),
        IEnumerable items => items.Cast<object>().Sum(SizeOf),
        _ => 0,
    };
}
