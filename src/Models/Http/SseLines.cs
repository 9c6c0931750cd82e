using System.Buffers;

namespace GenAI.Chats.Models.Http;

/// <summary>Splits a stream into lines that end in LF, CR, or CRLF. It examines each byte once, however the reads split them.</summary>
internal sealed class SseLines(Stream stream, int maxLineBytes, Action? onActivity = null)
{
    // A larger buffer is released once it has been read.
    private const int KeptBytes = 1024 * 1024;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private ArrayBufferWriter<byte> _line = new();
    private ReadOnlyMemory<byte> _unread;
    private bool _skipLineFeed;
    private bool _atFirstLine = true;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Returns an empty buffer: the same one, unless it has become large.</summary>
    public static ArrayBufferWriter<byte> Reuse(ArrayBufferWriter<byte> buffer)
    {
        buffer.ResetWrittenCount();
        return buffer.Capacity > KeptBytes ? new ArrayBufferWriter<byte>() : buffer;
    }

    /// <summary>Reads a line without its end, as soon as that has arrived. Returns null at the end of the stream.</summary>
    /// <returns>The line, which is valid until the next call.</returns>
    /// <exception cref="InvalidDataException">A line is too long.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        _line = Reuse(_line);
        while (true)
        {
            if (_unread.IsEmpty)
            {
                _unread = _buffer.AsMemory(0, await stream.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false));
                onActivity?.Invoke();
                if (_unread.IsEmpty)
                {
                    return _line.WrittenCount > 0 ? Trim(_line.WrittenMemory) : default(ReadOnlyMemory<byte>?);
                }
            }

            if (TryTakeLine(out var line))
            {
                return Trim(line);
            }
        }
    }

    // Most lines are in the buffer as a whole.
    private bool TryTakeLine(out ReadOnlyMemory<byte> line)
    {
        // The LF of a CRLF. The line was returned at the CR.
        if (_skipLineFeed && _unread.Span[0] == (byte)'\n')
        {
            _unread = _unread[1..];
        }

        _skipLineFeed = false;
        var end = _unread.Span.IndexOfAny((byte)'\n', (byte)'\r');
        line = end < 0 ? _unread : _unread[..end];
        if (end < 0 || _line.WrittenCount > 0)
        {
            if (line.Length > maxLineBytes - _line.WrittenCount)
            {
                throw new InvalidDataException($"A line is longer than {maxLineBytes} bytes.");
            }

            _line.Write(line.Span);
            line = _line.WrittenMemory;
        }

        _skipLineFeed = end >= 0 && _unread.Span[end] == (byte)'\r';
        _unread = end < 0 ? default : _unread[(end + 1)..];
        return end >= 0;
    }

    private ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> line)
    {
        var isMarked = _atFirstLine && line.Span.StartsWith(ByteOrderMark);
        _atFirstLine = false;
        return isMarked ? line[ByteOrderMark.Length..] : line;
    }
}
