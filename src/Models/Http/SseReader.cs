using System.Buffers;
using GenAI.Chats.Models.Json;

namespace GenAI.Chats.Models.Http;

/// <summary>
/// Splits a response into the data of its server-sent events. Lines end in LF, CR or CRLF, in any mix; the data lines of an event are
/// joined by LF; comments and other fields are passed over.
/// </summary>
/// <param name="stream">The response's body.</param>
/// <param name="maxEventBytes">How large an event may be.</param>
/// <param name="onActivity">Called whenever bytes have come, whatever they are.</param>
/// <remarks>
/// The Gemini API breaks a stream off with a JSON document in the middle of the lines, without <c>data:</c> and printed over many of them.
/// It is given as an event of its own.
/// </remarks>
internal sealed class SseReader(Stream stream, int maxEventBytes, Action? onActivity = null) : IDisposable
{
    // What a large event took is given back once the event has been read.
    private const int KeptBytes = 1024 * 1024;

    private readonly SseLines _lines = new(stream, maxEventBytes, onActivity);
    private ArrayBufferWriter<byte> _data = new();
    private bool _hasData;
    private JsonExtent _bare;

    /// <summary>Whether there were lines that no stream of events has: what is read is something else.</summary>
    public bool HasForeignLines { get; private set; }

    /// <summary>Whether the response ended in the middle of the event that was read last.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>
    /// Reads the next event's data; null at the end of the response. An event that the response ends in is given as far as it came.
    /// </summary>
    /// <returns>Valid until the next call.</returns>
    /// <exception cref="InvalidDataException">An event is larger than it may be.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        Clear();
        while (await _lines.ReadAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (Take(line.Span))
            {
                return _data.WrittenMemory;
            }
        }

        if (_hasData || _bare.Started)
        {
            IsTorn = true;
            return _data.WrittenMemory;
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    private bool Take(ReadOnlySpan<byte> line)
    {
        if (_bare.Started || (!_hasData && line.Length > 0 && line[0] is (byte)'{' or (byte)'['))
        {
            Append(line, separate: _bare.Started);
            return _bare.Add(line);
        }

        if (line.IsEmpty)
        {
            // An event without data is none.
            _hasData = _data.WrittenCount > 0;
            return _hasData;
        }

        if (line.StartsWith("data:"u8))
        {
            var data = line[5..];
            Append(data.Length > 0 && data[0] == (byte)' ' ? data[1..] : data, separate: _hasData);
            _hasData = true;
        }
        else if (!IsPassedOver(line))
        {
            HasForeignLines = true;
        }

        return false;
    }

    private static bool IsPassedOver(ReadOnlySpan<byte> line) =>
        line[0] == (byte)':' || line.StartsWith("event:"u8) || line.StartsWith("id:"u8) || line.StartsWith("retry:"u8);

    private void Append(ReadOnlySpan<byte> line, bool separate)
    {
        if (line.Length > maxEventBytes - _data.WrittenCount - 1)
        {
            throw new InvalidDataException($"An event is larger than {maxEventBytes} bytes.");
        }

        if (separate)
        {
            _data.Write("\n"u8);
        }

        _data.Write(line);
    }

    private void Clear()
    {
        _hasData = false;
        _bare = default;
        if (_data.Capacity > KeptBytes)
        {
            _data = new ArrayBufferWriter<byte>();
        }
        else
        {
            _data.ResetWrittenCount();
        }
    }
}
