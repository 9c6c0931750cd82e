namespace GenAI.Chats.Bench.Load;

/// <summary>A service in one or more processes that a closed loop calls and measures.</summary>
internal interface IMeasured
{
    /// <summary>The addresses of its gRPC servers.</summary>
    IReadOnlyList<string> Addresses { get; }

    /// <summary>The processor time that its processes have used, on all cores.</summary>
    TimeSpan ProcessorTime { get; }

    /// <summary>The bytes that its processes have allocated since they started.</summary>
    long AllocatedBytes { get; }
}
