using System.Buffers;

namespace GenAI.Chats.Models.Http;

/// <summary>
/// Splits a response into the data of its server-sent events. The data lines of an event are joined by LF. Comments and other fields are ignored.
/// </summary>
/// <param name="stream">The body of the response.</param>
/// <param name="maxEventBytes">The maximum size of an event.</param>
/// <param name="onActivity">A callback for arriving data.</param>
/// <remarks>
/// The Gemini API ends a failed stream with an indented JSON document between the lines, without <c>data:</c>. It is returned as an event.
/// </remarks>
internal sealed class SseReader(Stream stream, int maxEventBytes, Action? onActivity = null)
{
    private readonly SseLines _lines = new(stream, maxEventBytes + "data: ".Length, onActivity);
    private ArrayBufferWriter<byte> _data = new();
    private bool _hasData;
    private JsonExtent _bare;

    /// <summary>Gets whether there were lines that an event stream doesn't have: the response is something else.</summary>
    public bool HasForeignLines { get; private set; }

    /// <summary>Gets whether the response ended within the last event.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>
    /// Reads the data of the next event. Returns null at the end of the response. If the response ends within an event, returns its first part.
    /// </summary>
    /// <returns>The data, which is valid until the next call.</returns>
    /// <exception cref="InvalidDataException">An event is too large.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        _hasData = false;
        _bare = default;
        _data = SseLines.Reuse(_data);
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

    private bool Take(ReadOnlySpan<byte> line)
    {
        if (_bare.Started || (!_hasData && line.Length > 0 && line[0] is (byte)'{' or (byte)'['))
        {
            Append(line, separate: _bare.Started);
            return _bare.Add(line);
        }

        if (line.IsEmpty)
        {
            // Without data it isn't an event.
            _hasData = _data.WrittenCount > 0;
            return _hasData;
        }

        if (line.StartsWith("data:"u8))
        {
            var data = line[5..];
            Append(data.Length > 0 && data[0] == (byte)' ' ? data[1..] : data, separate: _hasData);
            _hasData = true;
        }
        else if (!IsIgnored(line))
        {
            HasForeignLines = true;
        }

        return false;
    }

    private static bool IsIgnored(ReadOnlySpan<byte> line) =>
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
}
