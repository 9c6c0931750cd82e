using System.Globalization;
using System.Net.Sockets;
using System.Runtime;
using System.Text;

/// <summary>
/// Answers the load generator's questions from within a measured server. The runtime calls <see cref="Initialize"/> before the program's own entry point when
/// DOTNET_STARTUP_HOOKS names this assembly, and finds the class by this name, which has no namespace.
/// </summary>
#pragma warning disable CA1050 // The runtime asks for a class without a namespace.
internal static class StartupHook
#pragma warning restore CA1050
{
    /// <summary>The variable that names the Unix socket to answer on.</summary>
    public const string SocketVariable = "CHATS_BENCH_PROBE";

    /// <summary>Starts to answer, on a thread that does not keep the process alive.</summary>
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(SocketVariable) is { Length: > 0 } path)
        {
            new Thread(() => Serve(path)) { IsBackground = true, Name = "Bench probe" }.Start();
        }
    }

    private static void Serve(string path)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var question = new byte[1];
        while (true)
        {
            using var asker = listener.Accept();
            while (asker.Receive(question) == 1)
            {
                asker.Send(Encoding.ASCII.GetBytes(Answer((char)question[0]).ToString(CultureInfo.InvariantCulture) + "\n"));
            }
        }
    }

    private static long Answer(char question) => question switch
    {
        'a' => GC.GetTotalAllocatedBytes(precise: true),
        'h' => HeapInUse(),
        'j' => JitInfo.GetCompiledMethodCount(),
        _ => -1,
    };

    private static long HeapInUse()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
