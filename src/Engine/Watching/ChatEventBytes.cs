namespace GenAI.Chats.Engine.Watching;

/// <summary>Encodes events as <see cref="ChatEvent"/> messages, the token first.</summary>
public static class ChatEventBytes
{
    private const int TagSize = 1;

    /// <summary>Encodes an event.</summary>
    internal static byte[] Of(ChatEvent next) => next.ToByteArray();

    /// <summary>Encodes the event that says that nothing happened.</summary>
    public static byte[] Idle(string token) => Of(new ChatEvent { Token = token, Idle = new Empty() });

    /// <summary>Encodes an event of a turn.</summary>
    /// <param name="token">The token.</param>
    /// <param name="turnId">The ID of the turn.</param>
    /// <param name="turnEvent">The encoded event of the turn.</param>
    internal static byte[] Of(string token, string turnId, byte[] turnEvent)
    {
        var inner = UnsafeByteOperations.UnsafeWrap(turnEvent);
        var size = TagSize + CodedOutputStream.ComputeStringSize(turnId) + TagSize + CodedOutputStream.ComputeBytesSize(inner);
        var bytes = new byte[TagSize + CodedOutputStream.ComputeStringSize(token) + TagSize + CodedOutputStream.ComputeLengthSize(size) + size];
        using var output = new CodedOutputStream(bytes);
        output.WriteTag(ChatEvent.TokenFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteString(token);
        output.WriteTag(ChatEvent.TurnFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteLength(size);
        output.WriteTag(ChatEvent.Types.TurnProgress.TurnIdFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteString(turnId);
        output.WriteTag(ChatEvent.Types.TurnProgress.EventFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(inner);
        output.CheckNoSpaceLeft();
        return bytes;
    }

    /// <summary>Returns an event's token in UTF-8.</summary>
    public static ReadOnlySpan<byte> Token(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        return WireField.TryRead(ref rest, out var token) && token.Number == ChatEvent.TokenFieldNumber
            ? bytes.Slice(token.Whole.Length - token.Value.Length, token.Value.Length)
            : [];
    }
}
