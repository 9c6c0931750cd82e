using System.Buffers;
using System.Collections.Concurrent;
using Google.Protobuf;
using Orleans.Serialization;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Serializers;
using Orleans.Serialization.WireProtocol;

namespace GenAI.Chats.Grains.Serialization;

/// <summary>
/// Carries the messages of the contract between grains, as protobuf. Unknown fields are kept, so servers of different versions can pass on each other's messages.
/// </summary>
/// <remarks>
/// A copy within a process is the same instance: <see cref="IChatGrain"/> promises that neither side changes a message that was passed.
/// The type is always written. Orleans elides it where it equals the expected type, but a codec for many types learns the type from the field alone.
/// </remarks>
internal sealed class ContractCodec : IGeneralizedCodec, IGeneralizedCopier, IOptionalDeepCopier, ITypeFilter
{
    private static readonly ConcurrentDictionary<Type, MessageParser> Parsers = new();

    bool IGeneralizedCodec.IsSupportedType(Type type) => IsMessage(type);

    bool IGeneralizedCopier.IsSupportedType(Type type) => IsMessage(type);

    /// <inheritdoc/>
    public bool? IsTypeAllowed(Type type) => IsMessage(type) ? IsContract(type) : null;

    /// <inheritdoc/>
    public bool IsShallowCopyable() => true;

    /// <inheritdoc/>
    public object? DeepCopy(object? input, CopyContext context)
    {
        if (input is not null)
        {
            ThrowIfForeign(input.GetType());
        }

        return input;
    }

    /// <inheritdoc/>
    public void WriteField<TBufferWriter>(ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, object? value)
        where TBufferWriter : IBufferWriter<byte>
    {
        if (ReferenceCodec.TryWriteReferenceField(ref writer, fieldIdDelta, expectedType, value))
        {
            return;
        }

        ThrowIfForeign(value.GetType());
        var message = (IMessage)value;
        var size = message.CalculateSize();
        writer.WriteFieldHeader(fieldIdDelta, expectedType: null, value.GetType(), WireType.LengthPrefixed);
        writer.WriteVarUInt32((uint)size);
        if (size <= writer.WritableSpan.Length)
        {
            message.WriteTo(writer.WritableSpan[..size]);
            writer.AdvanceSpan(size);
        }
        else
        {
            WriteSegments(ref writer, message);
        }
    }

    /// <inheritdoc/>
    public object? ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        if (field.WireType == WireType.Reference)
        {
            return ReferenceCodec.ReadReference(ref reader, field.FieldType);
        }

        if (field.WireType != WireType.LengthPrefixed || field.FieldType is not { } type)
        {
            throw new SerializerException($"A contract message must be length-prefixed and have a type, but the field is {field}.");
        }

        ThrowIfForeign(type);
        var size = reader.ReadVarUInt32();
        reader.EnsureAvailable(size);
        var message = Read(ref reader, Parser(type), checked((int)size));
        ReferenceCodec.RecordObject(reader.Session, message);
        return message;
    }

    // A connection's buffers are small, and can't be asked for more in one piece. Protobuf writes to any buffer, but not to a ref struct such as the writer.
    private static void WriteSegments<TBufferWriter>(ref Writer<TBufferWriter> writer, IMessage message)
        where TBufferWriter : IBufferWriter<byte>
    {
        using var segments = new ArcBufferWriter();
        message.WriteTo(segments);
        using var written = segments.PeekSlice(segments.Length);
        foreach (var segment in written)
        {
            writer.Write(segment);
        }
    }

    private static IMessage Read<TInput>(ref Reader<TInput> reader, MessageParser parser, int size)
    {
        if (reader.TryReadBytes(size, out var bytes))
        {
            return parser.ParseFrom(bytes);
        }

        // The message spans several of the connection's buffers.
        var buffer = new PooledBuffer();
        try
        {
            reader.ReadBytes(ref buffer, size);
            return parser.ParseFrom(buffer.AsReadOnlySequence());
        }
        finally
        {
            buffer.Dispose();
        }
    }

    private static bool IsMessage(Type type) => type.IsClass && typeof(IMessage).IsAssignableFrom(type);

    private static bool IsContract(Type type) => type.Assembly == typeof(Chat).Assembly;

    private static MessageParser Parser(Type type) =>
        Parsers.GetOrAdd(type, static type => ((IMessage)Activator.CreateInstance(type)!).Descriptor.Parser);

    private static void ThrowIfForeign(Type type)
    {
        if (!IsContract(type))
        {
            throw new NotSupportedException(
                $"{type} is not a message of genai.chats.v1. Grain methods can take and return only messages of the contract and types with [GenerateSerializer].");
        }
    }
}
