using GenAI.Chats.Engine.Limits;

namespace GenAI.Chats.Silo.Activations;

/// <summary>Deactivates this silo's idle grains.</summary>
/// <remarks>Orleans' own memory-based deactivation measures memory differently and doesn't collect garbage, so new turns would still be rejected.</remarks>
internal sealed class IdleChats(IGrainFactory grains, ILocalSiloDetails silo) : IIdleChats
{
    /// <inheritdoc/>
    public Task ShedAsync(TimeSpan idleFor) => grains.GetGrain<IManagementGrain>(0).ForceActivationCollection([silo.SiloAddress], idleFor);
}
