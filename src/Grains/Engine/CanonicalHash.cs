using System.Buffers.Binary;
using System.Collections;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;

namespace GenAI.Chats.Grains.Engine;

/// <summary>
/// Hashes what a request asks for. Two messages that are equal have the same hash, in whatever order their maps were written: some clients write them in
/// another order each time.
/// </summary>
internal static class CanonicalHash
{
    /// <summary>How many bytes a hash has.</summary>
    public const int Size = 16;

    /// <summary>Hashes messages one after the other; null counts as a message of its own kind.</summary>
    public static byte[] Of(params ReadOnlySpan<IMessage?> messages)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var message in messages)
        {
            AddNumber(hash, message is null ? 0 : 1);
            if (message is not null)
            {
                AddMessage(hash, message);
            }
        }

        return hash.GetHashAndReset()[..Size];
    }

    private static void AddMessage(IncrementalHash hash, IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (!ProtoFields.IsSet(message, field))
            {
                continue;
            }

            AddNumber(hash, field.FieldNumber);
            switch (field.Accessor.GetValue(message))
            {
                case IDictionary map:
                    AddMap(hash, map);
                    break;
                case IList list:
                    AddNumber(hash, list.Count);
                    foreach (var item in list)
                    {
                        AddValue(hash, item);
                    }

                    break;
                case var value:
                    AddValue(hash, value);
                    break;
            }
        }

        AddNumber(hash, 0);
    }

    private static void AddMap(IncrementalHash hash, IDictionary map)
    {
        AddNumber(hash, map.Count);
        foreach (var key in map.Keys.Cast<object>().OrderBy(k => k.ToString(), StringComparer.Ordinal))
        {
            AddValue(hash, key);
            AddValue(hash, map[key]!);
        }
    }

    private static void AddValue(IncrementalHash hash, object value)
    {
        switch (value)
        {
            case IMessage message:
                AddMessage(hash, message);
                break;
            case ByteString bytes:
                AddBytes(hash, bytes.Span);
                break;
            case string text:
                AddBytes(hash, Encoding.UTF8.GetBytes(text));
                break;
            case double number:
                AddNumber(hash, BitConverter.DoubleToInt64Bits(number));
                break;
            case float number:
                AddNumber(hash, BitConverter.SingleToInt32Bits(number));
                break;
            default:
                AddNumber(hash, Convert.ToInt64(value, null));
                break;
        }
    }

    private static void AddBytes(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        AddNumber(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void AddNumber(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
