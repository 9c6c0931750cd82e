using GenAI.Chats.Engine.Admission;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>Has Orleans deactivate this silo's idle grains.</summary>
/// <remarks>Orleans can do so by itself, but by its own view of the memory, and without a collection after it: the sends would still be refused.</remarks>
internal sealed class IdleChats(IGrainFactory grains, ILocalSiloDetails silo) : IIdleChats
{
    /// <inheritdoc/>
    public Task ShedAsync(TimeSpan idleFor) => grains.GetGrain<IManagementGrain>(0).ForceActivationCollection([silo.SiloAddress], idleFor);
}
