using System.Net;
using System.Net.Sockets;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>
/// A free port that no one else gets: the system gives a bound port to no other socket that asks for any port. A socket that asks for this port and shares
/// addresses, as those of Orleans do, can bind it and listen there.
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
