using System.Net;
using System.Net.Sockets;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>
/// Reserves a free port: while it's bound, the system doesn't assign it to sockets that bind to any port. A socket with ReuseAddress, as Orleans uses, can still
/// bind this port and listen.
/// </summary>
internal sealed class PortReservation : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public PortReservation()
    {
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _socket.Bind(new IPEndPoint(IPAddress.Any, 0));
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
