using System.Collections;

namespace GenAI.Chats.Engine.History;

/// <summary>
/// Hashes requests. Equal messages have the same hash, whatever the order of their maps' entries: some clients write them in a different order each time.
/// </summary>
internal static class CanonicalHash
{
    /// <summary>The size of a hash, in bytes.</summary>
    public const int Size = 16;

    // Most requests fit in.
    private const int BufferSize = 1024;

    /// <summary>Hashes messages in order. Null differs from all messages.</summary>
    public static byte[] Of(params ReadOnlySpan<IMessage?> messages)
    {
        var hash = new HashWriter(stackalloc byte[BufferSize]);
        foreach (var message in messages)
        {
            hash.Add(message is null ? 0 : 1);
            if (message is not null)
            {
                AddMessage(ref hash, message);
            }
        }

        return hash.Finish()[..Size];
    }

    private static void AddMessage(ref HashWriter hash, IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (!ProtoFields.IsSet(message, field))
            {
                continue;
            }

            hash.Add(field.FieldNumber);
            switch (field.Accessor.GetValue(message))
            {
                case IDictionary map:
                    AddMap(ref hash, map);
                    break;
                case IList list:
                    hash.Add(list.Count);
                    foreach (var item in list)
                    {
                        AddValue(ref hash, item);
                    }

                    break;
                case var value:
                    AddValue(ref hash, value);
                    break;
            }
        }

        hash.Add(0);
    }

    private static void AddMap(ref HashWriter hash, IDictionary map)
    {
        hash.Add(map.Count);
        foreach (var key in map.Keys.Cast<object>().OrderBy(k => k.ToString(), StringComparer.Ordinal))
        {
            AddValue(ref hash, key);
            AddValue(ref hash, map[key]!);
        }
    }

    private static void AddValue(ref HashWriter hash, object value)
    {
        switch (value)
        {
            case IMessage message:
                AddMessage(ref hash, message);
                break;
            case ByteString bytes:
                hash.Add(bytes.Span);
                break;
            case string text:
                hash.Add(text);
                break;
            case double number:
                hash.Add(BitConverter.DoubleToInt64Bits(number));
                break;
            case float number:
                hash.Add(BitConverter.SingleToInt32Bits(number));
                break;
            default:
                hash.Add(Convert.ToInt64(value, null));
                break;
        }
    }
}
