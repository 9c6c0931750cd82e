using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GenAI.Chats.Storage.GrainStorage.Pages;

/// <summary>
/// 64-bit hashes of IDs, by which pages are searched: a page that doesn't have the hash of an ID isn't read. If two IDs have the same hash, a search
/// costs one more read.
/// </summary>
internal static class IdHashes
{
    public static ulong OfTurn(string turnId) => Hash((byte)'t', turnId);

    public static ulong OfRequest(string requestId) => Hash((byte)'r', requestId);

    /// <summary>Returns the hashes of a page's turns.</summary>
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

    private static ulong Hash(byte kind, string id)
    {
        var units = MemoryMarshal.AsBytes(id.AsSpan());
        Span<byte> bytes = units.Length < 512 ? stackalloc byte[units.Length + 1] : new byte[units.Length + 1];
        bytes[0] = kind;
        units.CopyTo(bytes[1..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }
}
