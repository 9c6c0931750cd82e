using System.Net;
using System.Net.Sockets;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>A way to a server that can go silent and stay open, like a network in which a cable is pulled.</summary>
internal sealed class SilentProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _silent = new();
    private readonly List<TcpClient> _connections = [];
    private readonly Uri _server;

    public SilentProxy(Uri server)
    {
        _server = server;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>From now on nothing passes, in either direction.</summary>
    public void GoSilent() => _silent.Cancel();

    public void Dispose()
    {
        _silent.Cancel();
        _listener.Dispose();
        lock (_connections)
        {
            _connections.ForEach(connection => connection.Dispose());
        }

        _silent.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = Kept(await _listener.AcceptTcpClientAsync());
                var server = Kept(new TcpClient());
                await server.ConnectAsync(_server.Host, _server.Port);
                _ = PassAsync(client.GetStream(), server.GetStream());
                _ = PassAsync(server.GetStream(), client.GetStream());
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to)
    {
        try
        {
            await from.CopyToAsync(to, _silent.Token);
        }
        catch (Exception over) when (over is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Silent, or closed.
        }
    }

    private TcpClient Kept(TcpClient connection)
    {
        lock (_connections)
        {
            _connections.Add(connection);
        }

        return connection;
    }
}
