using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>What the runtime does for a grain.</summary>
public interface IGrainRuntime
{
    string SiloIdentity { get; }

    SiloAddress SiloAddress { get; }

    IGrainFactory GrainFactory { get; }

    ITimerRegistry TimerRegistry { get; }

    IServiceProvider ServiceProvider { get; }

    TimeProvider TimeProvider { get; }

    void DeactivateOnIdle(IGrainContext grainContext);

    /// <summary>Keeps the activation from being collected for that long. Zero takes an earlier call back.</summary>
    void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan);
}
