namespace GenAI.Chats.Silo.Activations;

/// <summary>
/// A clock that starts at the current time and continues with elapsed time, even if the system clock is changed. Orleans schedules the deactivation of idle grains
/// with it: with a clock that's set back by more than the grains' collection age, Orleans would activate no more grains.
/// </summary>
internal sealed class SteadyClock(TimeProvider time) : TimeProvider
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _begin = time.GetTimestamp();

    /// <summary>Sets this clock for Orleans' management of activations.</summary>
    public static void Add(IServiceCollection services)
    {
        // One measures how long grains are kept in memory, and the other when they're deactivated.
        foreach (var area in (string[])[TimeProviderNames.Grains, TimeProviderNames.ActivationManagement])
        {
            services.AddKeyedSingleton<TimeProvider>(area, static (provider, _) => new SteadyClock(provider.GetRequiredService<TimeProvider>()));
        }
    }

    public override DateTimeOffset GetUtcNow() => _start + time.GetElapsedTime(_begin);

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
}
