using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Api.Tests.Hosting;

namespace GenAI.Chats.Api.Tests.Web;

/// <summary>Clients of the web port that don't read their streams: the server ends them, and others notice nothing. StreamCrowdTests measure the memory.</summary>
public sealed class SlowReaderTests
{
    private const int Chunks = 4000;

    // More than the buffers of connections hold.
    private const int ChunkLength = 3000;
    private const int SlowReaders = 40;

    [Fact]
    public async Task Stream_ClientReadsNothing_ConnectionEndsAndOthersGetAllEvents()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync("--Api:StallTimeout=00:00:10"));
        using var web = new WebApi(server.Value);
        var path = await web.NewChatAsync(more: $$$""", "config": {"labels": {"echo-repeat": "{{{Chunks}}}"}}""");
        var sent = await web.EventsAsync("POST", $"{path}:sendMessageStream", $$"""{"text": "{{new string('x', ChunkLength)}} "}""");
        var read = $"{path}/turns/{JsonNode.Parse(sent[0].Data)!["started"]!["turnId"]}:read";
        using var ends = new StreamEnds(server.Value);
        var slow = await Task.WhenAll(Enumerable.Range(0, SlowReaders).Select(_ => OpenAsync(server.Value.Addresses.Http, read)));
        var all = await web.EventsAsync("GET", read);
        for (var i = 0; i <= SlowReaders; i++)
        {
            await ends.NextAsync("ReadTurn").InTime();
        }

        Assert.Equal(Enumerable.Range(1, Chunks + 2).Select(i => $"{i}"), all.Select(e => e.EventId));
        foreach (var connection in slow)
        {
            // Less than the whole turn arrived, and the connection has ended.
            var length = await LengthAsync(connection).InTime();
            Assert.InRange(length, 1, Chunks * ChunkLength);
            connection.Dispose();
        }
    }

    private static async Task<TcpClient> OpenAsync(Uri server, string path)
    {
        var connection = new TcpClient { ReceiveBufferSize = 16 * 1024 };
        await connection.ConnectAsync(server.Host, server.Port);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\n\r\n"));
        await connection.GetStream().ReadExactlyAsync(new byte[100]);
        return connection;
    }

    private static async Task<long> LengthAsync(TcpClient connection)
    {
        var buffer = new byte[64 * 1024];
        var length = 0L;
        try
        {
            for (int read; (read = await connection.GetStream().ReadAsync(buffer)) > 0; length += read)
            {
            }
        }
        catch (IOException)
        {
            // The server has reset the connection.
        }

        return length;
    }
}
