using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace GenAI.Chats.TestKit;

/// <summary>
/// Ports at which nothing listens, and which the system gives to no socket that asks for any port, until this process ends. A child process can listen there
/// with a socket that shares addresses, as those of Orleans do.
/// </summary>
public static class ReservedPort
{
    private static readonly ConcurrentBag<Socket> Sockets = [];

    /// <summary>Reserves a port.</summary>
    public static int Next()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Sockets.Add(socket);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
