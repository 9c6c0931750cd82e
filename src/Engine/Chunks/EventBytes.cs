namespace GenAI.Chats.Engine.Chunks;

/// <summary>Encodes events as <see cref="TurnEvent"/> messages, the offset first.</summary>
public static class EventBytes
{
    private const uint OffsetTag = (TurnEvent.OffsetFieldNumber << 3) | (uint)WireFormat.WireType.Varint;
    private const uint ChunkTag = (TurnEvent.ChunkFieldNumber << 3) | (uint)WireFormat.WireType.LengthDelimited;

    /// <summary>Encodes an event.</summary>
    internal static byte[] Of(TurnEvent next)
    {
        var bytes = new byte[next.CalculateSize()];
        next.WriteTo(bytes);
        return bytes;
    }

    /// <summary>Encodes an event with a chunk.</summary>
    /// <param name="offset">The event's offset.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="chunkBytes">The chunk's bytes within the returned bytes.</param>
    internal static byte[] Of(long offset, GenerateContentResponse chunk, out ReadOnlySpan<byte> chunkBytes)
    {
        var size = chunk.CalculateSize();
        var headSize = 2 + CodedOutputStream.ComputeInt64Size(offset) + CodedOutputStream.ComputeLengthSize(size);
        var bytes = new byte[headSize + size];
        var head = WriteVarint(bytes, OffsetTag);
        head += WriteVarint(bytes.AsSpan(head), (ulong)offset);
        head += WriteVarint(bytes.AsSpan(head), ChunkTag);
        head += WriteVarint(bytes.AsSpan(head), (ulong)size);
        chunk.WriteTo(bytes.AsSpan(head));
        chunkBytes = bytes.AsSpan(head);
        return bytes;
    }

    /// <summary>Returns an event's offset.</summary>
    public static long Offset(ReadOnlySpan<byte> bytes) => WireField.TryRead(ref bytes, out var offset) && offset.Number == TurnEvent.OffsetFieldNumber ? offset.Varint : 0;

    /// <summary>Returns an event's kind.</summary>
    public static TurnEvent.EventOneofCase Case(ReadOnlySpan<byte> bytes)
    {
        while (WireField.TryRead(ref bytes, out var field))
        {
            if (field.Number != TurnEvent.OffsetFieldNumber)
            {
                return (TurnEvent.EventOneofCase)field.Number;
            }
        }

        return TurnEvent.EventOneofCase.None;
    }

    /// <summary>Returns whether an event is the end of a completed turn.</summary>
    public static bool IsCompletion(ReadOnlySpan<byte> bytes)
    {
        while (WireField.TryRead(ref bytes, out var field))
        {
            if (field.Number == TurnEvent.EndedFieldNumber)
            {
                return IsCompleted(field.Value);
            }
        }

        return false;
    }

    private static bool IsCompleted(ReadOnlySpan<byte> turn)
    {
        while (WireField.TryRead(ref turn, out var field))
        {
            if (field.Number == Turn.StateFieldNumber)
            {
                return field.Varint == (long)Turn.Types.State.Completed;
            }
        }

        return false;
    }

    private static int WriteVarint(Span<byte> bytes, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            bytes[length++] = (byte)(value | 0x80);
        }

        bytes[length++] = (byte)value;
        return length;
    }
}
