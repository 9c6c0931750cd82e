namespace GenAI.Chats.Storage.GrainStorage.Provider;

/// <summary>
/// The clock of the store, as of its last reading, continued with this server's elapsed time. Changes of this server's wall clock don't change it. If the store
/// has no clock, this is the server's wall clock.
/// </summary>
internal sealed class StoreClock(IGrainStorageSource source, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private Reading? _last;

    /// <summary>The current time of the store.</summary>
    public DateTimeOffset Now => Volatile.Read(ref _last) is { } last ? last.Time + time.GetElapsedTime(last.Timestamp) : time.GetUtcNow();

    /// <summary>Reads the clock of the store. A failure is an exception of the source.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var before = time.GetTimestamp();
        if (await source.ReadClockAsync(cancellationToken).ConfigureAwait(false) is { } read)
        {
            // The store read its clock during the request.
            Volatile.Write(ref _last, new Reading(read + (time.GetElapsedTime(before) / 2), time.GetTimestamp()));
        }
    }

    /// <summary>Reads the clock of the store if the last reading is old. If that fails, the last reading stays in use.</summary>
    public async Task RefreshAsync()
    {
        if (Volatile.Read(ref _last) is not { } last || time.GetElapsedTime(last.Timestamp) < Period)
        {
            return;
        }

        try
        {
            await ReadAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            GrainStorageLog.ClockNotRead(logger, exception);
        }
    }

    private sealed record Reading(DateTimeOffset Time, long Timestamp);
}
