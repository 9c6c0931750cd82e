namespace GenAI.Chats.Bench.Load;

/// <summary>What a server has used since it started.</summary>
/// <param name="ProcessorTime">Processor time, on all cores.</param>
/// <param name="AllocatedBytes">Bytes that it has allocated.</param>
/// <param name="Switches">How often its threads have waited: the voluntary context switches, which don't depend on other processes.</param>
/// <param name="CompiledMethods">Methods that the JIT has compiled.</param>
internal readonly record struct ServerUse(TimeSpan ProcessorTime, long AllocatedBytes, long Switches, long CompiledMethods)
{
    public static ServerUse operator +(ServerUse one, ServerUse other) => new(
        one.ProcessorTime + other.ProcessorTime,
        one.AllocatedBytes + other.AllocatedBytes,
        one.Switches + other.Switches,
        one.CompiledMethods + other.CompiledMethods);

    /// <summary>Returns what was used between two readings.</summary>
    public ServerUse Since(ServerUse before) => new(
        ProcessorTime - before.ProcessorTime,
        AllocatedBytes - before.AllocatedBytes,
        Switches - before.Switches,
        CompiledMethods - before.CompiledMethods);
}
