using System.Text;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Web.Streams;
using GenAI.Chats.TestKit;
using Microsoft.AspNetCore.Http;

namespace GenAI.Chats.Api.Tests.Web;

/// <summary>What a stream sends while nothing happens, and with data that contains line breaks.</summary>
public sealed class StreamResponseTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemoryStream _sent = new();

    public void Dispose() => _sent.Dispose();

    [Fact]
    public async Task NothingHappens_CommentsAreSent()
    {
        await using (var response = Response(StreamFormat.EventStream))
        {
            _time.Advance(TimeSpan.FromSeconds(14));
            Assert.Equal("", Sent());
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("retry: 1000\n\n: ping\n\n", Sent());
            Assert.True(response.HasStarted);

            // An event makes a comment unnecessary.
            _time.Advance(TimeSpan.FromSeconds(10));
            await response.WriteAsync(new ServerSentEvent("1", "chunk", Bytes("{}")), flush: true, CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(14));
            Assert.Equal("id: 1\nevent: chunk\ndata: {}\n\n", Sent());
            _time.Advance(TimeSpan.FromSeconds(16));
            Assert.Equal(": ping\n\n: ping\n\n", Sent());
        }

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("", Sent());
    }

    [Fact]
    public async Task Lines_HaveNoComments()
    {
        await using var response = Response(StreamFormat.Lines);

        _time.Advance(TimeSpan.FromSeconds(15));
        await response.WriteAsync(new ServerSentEvent("1", "chunk", Bytes("{}")), flush: true, CancellationToken.None);

        Assert.Equal("{}\n", Sent());
    }

    [Theory]
    [InlineData("{\n \"a\":\r1}", "data: {  \"a\": 1}\n\n")]
    [InlineData("\n", "data:  \n\n")]
    [InlineData("{}", "data: {}\n\n")]
    public async Task Data_WithLineBreaks_IsOneLine(string json, string sent)
    {
        await using var response = Response(StreamFormat.EventStream);

        await response.WriteAsync(new ServerSentEvent(null, null, Bytes(json)), flush: true, CancellationToken.None);

        Assert.Equal("retry: 1000\n\n" + sent, Sent());
    }

    [Fact]
    public async Task Disposed_WritesNothing()
    {
        var response = Response(StreamFormat.EventStream);
        await response.DisposeAsync();

        await response.WriteAsync(new ServerSentEvent("1", "chunk", Bytes("{}")), flush: true, CancellationToken.None).InTime();

        Assert.Equal("", Sent());
        Assert.False(response.HasStarted);
    }

    private StreamResponse Response(StreamFormat format)
    {
        var http = new DefaultHttpContext();
        http.Response.Body = _sent;
        return new StreamResponse(http, format, _time);
    }

    // What was sent since the last call.
    private string Sent()
    {
        var text = Encoding.UTF8.GetString(_sent.ToArray());
        _sent.SetLength(0);
        return text;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
