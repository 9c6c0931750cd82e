using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GenAI.Chats.Engine.History;

/// <summary>Collects bytes to hash with SHA-256. Small amounts are hashed at once at the end: each call of the hash costs more than its bytes.</summary>
/// <param name="buffer">The buffer. Bytes that don't fit are hashed in pieces.</param>
internal ref struct HashWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _used;
    private IncrementalHash? _hash;

    /// <summary>Adds a number.</summary>
    public void Add(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        Write(bytes);
    }

    /// <summary>Adds bytes, after their number.</summary>
    public void Add(scoped ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        Write(bytes);
    }

    /// <summary>Adds a text as UTF-8 bytes, after their number.</summary>
    public void Add(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Add(length);
        if (length <= _buffer.Length - _used)
        {
            _used += Encoding.UTF8.GetBytes(text, _buffer[_used..]);
        }
        else
        {
            Write(Encoding.UTF8.GetBytes(text));
        }
    }

    /// <summary>Returns the hash. Nothing can be added afterwards.</summary>
    public byte[] Finish()
    {
        if (_hash is null)
        {
            return SHA256.HashData(_buffer[.._used]);
        }

        using (_hash)
        {
            _hash.AppendData(_buffer[.._used]);
            return _hash.GetHashAndReset();
        }
    }

    private void Write(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _used)
        {
            _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _hash.AppendData(_buffer[.._used]);
            _used = 0;
        }

        if (bytes.Length > _buffer.Length)
        {
            _hash!.AppendData(bytes);
        }
        else
        {
            bytes.CopyTo(_buffer[_used..]);
            _used += bytes.Length;
        }
    }
}
