#if !NET9_0_OR_GREATER
using System.Buffers.Binary;
using System.Security.Cryptography;
#endif

namespace GenAI.Chats.Client;

/// <summary>Creates request IDs. They begin with the time, because stores keep IDs in order: those of the same time share pages.</summary>
internal static class RequestIds
{
    /// <summary>Returns a new, unique request ID: a UUID, version 7.</summary>
    public static string New() => CreateVersion7().ToString("N");

#if NET9_0_OR_GREATER
    private static Guid CreateVersion7() => Guid.CreateVersion7();
#else
    private static Guid CreateVersion7()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        var random = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes, (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 16) | random);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
#endif
}
