using System.Buffers;

namespace GenAI.Chats.Models.Http;

/// <summary>Splits a stream into lines that end in LF, CR, or CRLF. It examines each byte once, however the reads split them.</summary>
internal sealed class SseLines(Stream stream, int maxLineBytes, Action? onActivity = null) : IDisposable
{
    private const int InitialBytes = 16 * 1024;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialBytes);
    private int _start;
    private int _searched;
    private int _end;
    private bool _ended;
    private bool _skipLineFeed;
    private bool _atFirstLine = true;

    /// <summary>Reads a line without its end, as soon as that has arrived. Returns null at the end of the stream.</summary>
    /// <returns>The line, which is valid until the next call.</returns>
    /// <exception cref="InvalidDataException">A line is too long.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTakeLine(out var line))
            {
                return line;
            }

            if (_ended)
            {
                return null;
            }

            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            _end += read;
            _ended = read == 0;
            onActivity?.Invoke();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _searched = _end = 0;
        _ended = true;
    }

    private bool TryTakeLine(out ReadOnlyMemory<byte> line)
    {
        // The LF of a CRLF. The line was returned at the CR.
        if (_skipLineFeed && _start < _end)
        {
            _skipLineFeed = false;
            if (_buffer[_start] == (byte)'\n')
            {
                _start++;
                _searched = _start;
            }
        }

        var found = _buffer.AsSpan(_searched, _end - _searched).IndexOfAny((byte)'\n', (byte)'\r');
        if (found < 0)
        {
            _searched = _end;
            line = default;
            if (!_ended || _start == _end)
            {
                return false;
            }

            line = Trim(_start, _end);
            _start = _end;
            return true;
        }

        var end = _searched + found;
        line = Trim(_start, end);
        _skipLineFeed = _buffer[end] == (byte)'\r';
        _start = end + 1;
        _searched = _start;
        return true;
    }

    private ReadOnlyMemory<byte> Trim(int start, int end)
    {
        var line = _buffer.AsMemory(start, end - start);
        if (!_atFirstLine)
        {
            return line;
        }

        _atFirstLine = false;
        return line.Span.StartsWith(ByteOrderMark) ? line[ByteOrderMark.Length..] : line;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _searched = _end = 0;
        }

        if (_end < _buffer.Length)
        {
            return;
        }

        var length = _end - _start;
        if (length > maxLineBytes)
        {
            throw new InvalidDataException($"A line is longer than {maxLineBytes} bytes.");
        }

        // If less than half is in use, moving the rest is cheaper than growing.
        var target = length < _buffer.Length / 2
            ? _buffer
            : ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * _buffer.Length, Array.MaxLength));
        _buffer.AsSpan(_start, length).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _searched -= _start;
        _start = 0;
        _end = length;
    }
}
