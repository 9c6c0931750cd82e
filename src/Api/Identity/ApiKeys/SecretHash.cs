using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>
/// The SHA-256 hash of a key or a token. Two are compared in the same time wherever they differ; that they are looked up by some of their bits tells nothing of the
/// secret, as nobody can make a text with given bits in its hash but by trying.
/// </summary>
internal readonly struct SecretHash : IEquatable<SecretHash>
{
    private const string Prefix = "sha256:";

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    private SecretHash(ReadOnlySpan<byte> hash)
    {
        var halves = MemoryMarshal.Cast<byte, UInt128>(hash);
        _high = halves[0];
        _low = halves[1];
    }

    /// <summary>The hash of a secret.</summary>
    public static SecretHash Of(string secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(secret), hash);
        return new SecretHash(hash);
    }

    /// <summary>Reads <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public static bool TryParse(string text, out SecretHash hash)
    {
        var bytes = new byte[SHA256.HashSizeInBytes];
        var good = text.Length == Prefix.Length + (2 * bytes.Length)
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.FromHexString(text.AsSpan(Prefix.Length), bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        hash = new SecretHash(bytes);
        return good;
    }

    /// <inheritdoc/>
    public bool Equals(SecretHash other) => ((_high ^ other._high) | (_low ^ other._low)) == UInt128.Zero;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SecretHash other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)(ulong)_low;

    /// <summary>As the configuration has it.</summary>
    public override string ToString()
    {
        UInt128[] halves = [_high, _low];
        return Prefix + Convert.ToHexStringLower(MemoryMarshal.AsBytes(halves.AsSpan()));
    }
}
