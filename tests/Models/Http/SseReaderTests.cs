using System.Text;
using GenAI.Chats.Models.Http;

namespace GenAI.Chats.Models.Tests.Http;

public sealed class SseReaderTests
{
    public static TheoryData<string, string[]> Framings => new()
    {
        { "data: a\n\ndata: b\n\n", ["a", "b"] },
        { "data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"] },
        { "data: a\r\rdata: b\r\r", ["a", "b"] },
        { "data: a\r\n\ndata: b\n\r\ndata: c\r\r\n", ["a", "b", "c"] },
        { "data:a\n\ndata:  b\n\n", ["a", " b"] },
        { "data: a\ndata: b\n\n", ["a\nb"] },
        { "data: a\ndata\ndata: b\n\n", ["a\nb"] },
        { "data: a\r\ndata:\r\ndata: b\r\n\r\n", ["a\n\nb"] },
        { ": hello\n\n: again\ndata: a\n:\n\n", ["a"] },
        { "event: message\nid: 7\nretry: 5\ndata: a\n\n", ["a"] },
        { "\n\n\n\ndata: a\n\n\n\ndata: b\n\n", ["a", "b"] },
        { "data:\n\ndata: a\n\n", ["a"] },
        { "data: a\n\ndata: b", ["a", "b"] },
        { "data: a\n\ndata: b\n", ["a", "b"] },
        { "\ufeffdata: a\n\n", ["a"] },
        { "data: Grüße 日本 🎉\n\n", ["Grüße 日本 🎉"] },
        { "", [] },
        { "\r\n", [] },
        { "data: a\n\n{\n  \"error\": {\n    \"message\": \"} ] \\\" {\"\n  }\n}\ndata: b\n\n", ["a", "{\n  \"error\": {\n    \"message\": \"} ] \\\" {\"\n  }\n}", "b"] },
        { "[{\r\n\"error\": {}\r\n}\r\n]\r\n", ["[{\n\"error\": {}\n}\n]"] },
        { "{\n  \"error\": {", ["{\n  \"error\": {"] },
    };

    [Theory]
    [MemberData(nameof(Framings))]
    public async Task ReadAsync_AnyFraming_GivesTheSameEventsHoweverTheReadsFall(string body, string[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        for (var size = 1; size <= Math.Max(1, bytes.Length); size++)
        {
            Assert.Equal(expected, await ReadAllAsync(new PiecewiseStream(bytes, size)));
        }
    }

    [Fact]
    public async Task ReadAsync_CarriageReturnAtTheEndOfARead_DoesNotWaitForMore()
    {
        using var stream = new PiecewiseStream(Encoding.UTF8.GetBytes("data: a\r\rX"), "data: a\r\r".Length) { MaxReads = 1 };
        var reader = new SseReader(stream, 1024);

        var data = await reader.ReadAsync(CancellationToken.None);

        Assert.Equal("a", Encoding.UTF8.GetString(data!.Value.Span));
    }

    [Fact]
    public async Task ReadAsync_EventsOf30MB_AreReadInTimeThatGrowsWithTheirSize()
    {
        var text = new string('x', 30 * 1024 * 1024);
        using var stream = new PiecewiseStream(Encoding.UTF8.GetBytes($"data: {text}\r\n\r\ndata: b\r\n\r\ndata: {text}\r\n\r\n"), 4096);

        var events = await ReadAllAsync(stream);

        Assert.Equal([text, "b", text], events);
    }

    [Theory]
    [InlineData("data: 12345678901\n\n")]
    [InlineData("data: 12345\ndata: 67890\n\n")]
    [InlineData("{\n\"a\":\n\"12345678\"\n}\n")]
    public async Task ReadAsync_EventBeyondTheBound_Throws(string body)
    {
        var reader = new SseReader(new PiecewiseStream(Encoding.UTF8.GetBytes(body), 3), 10);

        await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task ReadAsync_LineWithoutEndBeyondTheBound_Throws()
    {
        var reader = new SseReader(new PiecewiseStream(new byte[1024 * 1024], 4096), 100 * 1024);

        await Assert.ThrowsAsync<InvalidDataException>(async () => await reader.ReadAsync(CancellationToken.None));
    }

    private static async Task<List<string>> ReadAllAsync(Stream stream)
    {
        var reader = new SseReader(stream, 256 * 1024 * 1024);
        var events = new List<string>();
        while (await reader.ReadAsync(CancellationToken.None) is { } data)
        {
            events.Add(Encoding.UTF8.GetString(data.Span));
        }

        return events;
    }

    /// <summary>A stream whose reads give so many bytes at most.</summary>
    private sealed class PiecewiseStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        private int _reads;

        public int MaxReads { get; init; } = int.MaxValue;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Assert.True(_reads++ < MaxReads, "One read more than needed.");
            return base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
        }
    }
}
