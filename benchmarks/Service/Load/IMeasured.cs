namespace GenAI.Chats.Bench.Load;

/// <summary>A service in one or more processes that a closed loop calls and measures.</summary>
internal interface IMeasured
{
    /// <summary>The addresses of its gRPC servers.</summary>
    IReadOnlyList<string> Addresses { get; }

    /// <summary>What its processes have used since they started.</summary>
    ServerUse Use { get; }
}
