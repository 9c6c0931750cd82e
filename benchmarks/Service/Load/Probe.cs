using System.Globalization;
using System.Net.Sockets;

namespace GenAI.Chats.Bench.Load;

/// <summary>Asks a measured server about its memory: see benchmarks/Probe.</summary>
internal sealed class Probe : IDisposable
{
    private readonly Socket _socket;
    private readonly StreamReader _answers;

    private Probe(Socket socket)
    {
        _socket = socket;
        _answers = new StreamReader(new NetworkStream(socket));
    }

    public static Probe Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return new Probe(socket);
    }

    /// <summary>Bytes that the server has allocated since it started.</summary>
    public long AllocatedBytes => Ask((byte)'a');

    /// <summary>Methods that the JIT has compiled since the server started.</summary>
    public long CompiledMethods => Ask((byte)'j');

    /// <summary>Bytes of managed memory in use, after a full collection.</summary>
    public long HeapBytes() => Ask((byte)'h');

    public void Dispose()
    {
        _answers.Dispose();
        _socket.Dispose();
    }

    private long Ask(byte question)
    {
        _socket.Send([question]);
        return long.Parse(_answers.ReadLine()!, CultureInfo.InvariantCulture);
    }
}
