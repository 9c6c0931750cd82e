using System.Net.Sockets;

namespace GenAI.Chats.Api.Tests.Hosting;

public sealed class ConnectionLimitTests
{
    [Fact]
    public async Task Connect_AsManyAsMayBeAreOpen_IsClosedUntilOneHasGone()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync("--Api:MaxConnections=2"), "TooManyConnections");
        await server.Value.NewChatAsync("echo");
        using var health = await ConnectAsync(server.Value.Addresses.Http);
        await health.SendAsync("GET /healthz/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        Assert.NotEqual(0, await health.ReceiveAsync(new byte[1024]));

        // Of all ports together.
        await RefusedAsync(server.Value.Addresses.Grpc);
        await RefusedAsync(server.Value.Addresses.Http);
        health.Dispose();

        // Nobody says when the server has noticed.
        while (!await AnswersAsync(server.Value))
        {
            await Task.Yield();
        }

        await server.Value.NewChatAsync("echo");
    }

    private static async Task<Socket> ConnectAsync(Uri address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port);
        return socket;
    }

    private static async Task RefusedAsync(Uri address)
    {
        try
        {
            using var socket = await ConnectAsync(address);
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).WaitAsync(TimeSpan.FromMinutes(1)));
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // That is closed, too.
        }
    }

    private static async Task<bool> AnswersAsync(TestServer server)
    {
        using var http = new HttpClient();
        try
        {
            return (await http.GetAsync(new Uri(server.Addresses.Http, "/healthz/live"))).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
