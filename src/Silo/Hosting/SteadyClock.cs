using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>
/// A clock that starts with the wall clock and goes on by elapsed time, whatever the wall clock is set to. Orleans schedules by it when idle grains leave memory: by a
/// clock that is set back by more than the age at which grains leave, Orleans activates no grain any more.
/// </summary>
internal sealed class SteadyClock(TimeProvider time) : TimeProvider
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _begin = time.GetTimestamp();

    /// <summary>Has Orleans manage activations by this clock.</summary>
    public static void Add(IServiceCollection services)
    {
        // Grains are kept in memory by the one, and leave by the other.
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
