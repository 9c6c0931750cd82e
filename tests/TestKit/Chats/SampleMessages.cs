using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.TestKit.Chats;

/// <summary>Fills messages by their descriptors, so that a field that is added tomorrow is tested too.</summary>
internal static class SampleMessages
{
    private const int Depth = 3;

    /// <summary>The fields of a message's type, by name.</summary>
    public static IEnumerable<string> FieldsOf(MessageDescriptor type) => type.Fields.InDeclarationOrder().Select(f => f.Name);

    /// <summary>Sets one field to a value that the number tells from others; a list gets as many items.</summary>
    public static void Set(IMessage message, FieldDescriptor field, int number) => Set(message, field, number, Depth);

    /// <summary>A message with every field set.</summary>
    public static T Full<T>(int number)
        where T : IMessage, new()
    {
        var message = new T();
        Fill(message, number, Depth);
        return message;
    }

    /// <summary>Sets every field.</summary>
    public static void Fill(IMessage message, int number) => Fill(message, number, Depth);

    private static void Fill(IMessage message, int number, int depth)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            // Of a oneof, the last one stays.
            Set(message, field, number, depth);
        }
    }

    private static void Set(IMessage message, FieldDescriptor field, int number, int depth)
    {
        if (field.IsMap)
        {
            var (key, value) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
            if (Value(value, number, depth) is { } item)
            {
                ((IDictionary)field.Accessor.GetValue(message))[Value(key, number, depth)!] = item;
            }
        }
        else if (field.IsRepeated)
        {
            for (var i = 0; i < number; i++)
            {
                if (Value(field, number + i, depth) is { } item)
                {
                    ((IList)field.Accessor.GetValue(message)).Add(item);
                }
            }
        }
        else if (Value(field, number, depth) is { } value)
        {
            field.Accessor.SetValue(message, value);
        }
    }

    private static object? Value(FieldDescriptor field, int number, int depth) => field.FieldType switch
    {
        FieldType.String => $"{field.Name}-{number}",
        FieldType.Bytes => ByteString.CopyFrom((byte)number),
        FieldType.Bool => number % 2 == 1,
        FieldType.Double => number + 0.5,
        FieldType.Float => number + 0.5f,
        FieldType.Int32 => number,
        FieldType.Int64 => (long)number,
        FieldType.UInt32 => (uint)number,
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[number % field.EnumType.Values.Count].Number),
        FieldType.Message when depth > 0 => Message(field.MessageType, number, depth - 1),
        _ => null,
    };

    private static IMessage Message(MessageDescriptor type, int number, int depth)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        Fill(message, number, depth);
        return message;
    }
}
