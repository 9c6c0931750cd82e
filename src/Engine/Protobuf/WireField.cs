namespace GenAI.Chats.Engine.Protobuf;

/// <summary>A field of an encoded message. Source: protobuf.dev, "Encoding".</summary>
public readonly ref struct WireField
{
    private const int MaxVarintBytes = 10;

    private WireField(int number, ReadOnlySpan<byte> whole, int tagLength, int valueLength, ulong varint)
    {
        Number = number;
        Varint = (long)varint;
        Whole = whole;
        Tag = whole[..tagLength];
        Value = whole[^valueLength..];
    }

    /// <summary>Gets the field's number. 0 for the start or end of a group, which only unknown fields can be.</summary>
    public int Number { get; }

    /// <summary>Gets all bytes of the field.</summary>
    public ReadOnlySpan<byte> Whole { get; }

    /// <summary>Gets the bytes of the tag.</summary>
    public ReadOnlySpan<byte> Tag { get; }

    /// <summary>Gets the value if it is a varint. Otherwise 0.</summary>
    public long Varint { get; }

    /// <summary>Gets the value if it is a text, bytes, or a message. Otherwise empty.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Reads the next field.</summary>
    /// <param name="rest">The rest of a message, from which the field is removed.</param>
    /// <param name="field">The field.</param>
    /// <returns>False if there is no field: at the end, or if the bytes aren't a message.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> rest, out WireField field)
    {
        field = default;
        var tagLength = ReadVarint(rest, out var tag);
        if (tagLength == 0)
        {
            return false;
        }

        var number = (int)(tag >> 3);
        var length = (ulong)tagLength;
        ulong valueLength = 0;
        ulong varint = 0;
        switch (WireFormat.GetTagWireType((uint)tag))
        {
            case WireFormat.WireType.Varint when ReadVarint(rest[tagLength..], out varint) is > 0 and var size:
                length += (ulong)size;
                break;
            case WireFormat.WireType.Fixed32:
                length += sizeof(uint);
                break;
            case WireFormat.WireType.Fixed64:
                length += sizeof(ulong);
                break;
            case WireFormat.WireType.LengthDelimited when ReadVarint(rest[tagLength..], out valueLength) is > 0 and var size && valueLength <= int.MaxValue:
                length += (ulong)size + valueLength;
                break;
            case WireFormat.WireType.StartGroup or WireFormat.WireType.EndGroup:
                number = 0;
                break;
            default:
                return false;
        }

        if (length > (ulong)rest.Length)
        {
            return false;
        }

        field = new WireField(number, rest[..(int)length], tagLength, (int)valueLength, varint);
        rest = rest[(int)length..];
        return true;
    }

    // Returns the varint's size in bytes. 0 if there is no varint.
    private static int ReadVarint(ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < bytes.Length && i < MaxVarintBytes; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                return i + 1;
            }
        }

        return 0;
    }
}
