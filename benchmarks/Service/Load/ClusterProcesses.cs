namespace GenAI.Chats.Bench.Load;

/// <summary>Silos and front doors that form a cluster, each in a process of its own.</summary>
/// <param name="silos">The processes that host chats.</param>
/// <param name="doors">The processes that clients call.</param>
internal sealed class ClusterProcesses(IReadOnlyList<ServerProcess> silos, IReadOnlyList<ServerProcess> doors) : IMeasured, IAsyncDisposable
{
    public IReadOnlyList<string> Addresses { get; } = [.. doors.SelectMany(door => door.Addresses)];

    public ServerUse Use => silos.Concat(doors).Aggregate(default(ServerUse), (sum, process) => sum + process.Use);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in doors.Concat(silos))
        {
            await process.DisposeAsync();
        }
    }
}
