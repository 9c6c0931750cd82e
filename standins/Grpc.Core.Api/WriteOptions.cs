namespace Grpc.Core;

/// <summary>How a message is written.</summary>
[Flags]
public enum WriteFlags
{
    /// <summary>More messages follow soon, so this one need not be flushed.</summary>
    BufferHint = 0x1,

    /// <summary>This message is not to be compressed.</summary>
    NoCompress = 0x2,
}

/// <inheritdoc cref="WriteFlags"/>
public class WriteOptions(WriteFlags flags = default)
{
    public static readonly WriteOptions Default = new();

    public WriteFlags Flags { get; } = flags;
}
