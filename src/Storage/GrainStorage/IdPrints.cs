using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GenAI.Chats.Storage.Records;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// Ids as 64 bits, by which the log's pages are searched: those that do not have an id are not read. That two ids share a print costs one read.
/// </summary>
internal static class IdPrints
{
    public static ulong OfTurn(string turnId) => Print((byte)'t', turnId);

    public static ulong OfRequest(string requestId) => Print((byte)'r', requestId);

    /// <summary>The prints of a page's turns.</summary>
    public static IEnumerable<ulong> Of(IEnumerable<LogTurn> turns)
    {
        foreach (var turn in turns)
        {
            if (turn.TurnId.Length > 0)
            {
                yield return OfTurn(turn.TurnId);
            }

            if (turn.RequestId.Length > 0)
            {
                yield return OfRequest(turn.RequestId);
            }
        }
    }

    private static ulong Print(byte kind, string id)
    {
        var units = MemoryMarshal.AsBytes(id.AsSpan());
        Span<byte> bytes = units.Length < 512 ? stackalloc byte[units.Length + 1] : new byte[units.Length + 1];
        bytes[0] = kind;
        units.CopyTo(bytes[1..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
