using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller puts the bytes of one message.</summary>
public abstract class SerializationContext
{
    public virtual void Complete(byte[] payload) => throw NotOffered();

    public virtual void Complete() => throw NotOffered();

    public virtual IBufferWriter<byte> GetBufferWriter() => throw NotOffered();

    /// <summary>A hint; a context may pay no heed to it.</summary>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    private NotSupportedException NotOffered() => new($"{GetType()} offers no such way to serialize.");
}

/// <summary>Where a marshaller takes the bytes of one message from.</summary>
public abstract class DeserializationContext
{
    public abstract int PayloadLength { get; }

    public virtual byte[] PayloadAsNewBuffer() => throw NotOffered();

    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() => throw NotOffered();

    private NotSupportedException NotOffered() => new($"{GetType()} offers no such way to deserialize.");
}
