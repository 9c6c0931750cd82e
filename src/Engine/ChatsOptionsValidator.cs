using GenAI.Chats.Models.Settings;

namespace GenAI.Chats.Engine;

/// <summary>Checks <see cref="ChatsOptions"/> at startup.</summary>
internal sealed class ChatsOptionsValidator : IValidateOptions<ChatsOptions>
{
    private const long Kibi = 1024;
    private const long Gibi = Kibi * Kibi * Kibi;

    // The front door rejects requests with more.
    private const int MaxMessages = 1_000_000;

    public ValidateOptionsResult Validate(string? name, ChatsOptions options)
    {
        var check = new SettingsCheck(ChatsOptions.SectionName);
        Between(nameof(options.MaxQueuedTurns), options.MaxQueuedTurns, 0, 10_000);
        Between(nameof(options.MaxQueuedBytes), options.MaxQueuedBytes, 0, long.MaxValue);
        Between(nameof(options.MaxMessageBytes), options.MaxMessageBytes, Kibi, Gibi);
        Between(nameof(options.MaxContents), options.MaxContents, 1, MaxMessages);
        Between(nameof(options.MaxParts), options.MaxParts, 1, MaxMessages);
        Between(nameof(options.MaxFunctionCalls), options.MaxFunctionCalls, 1, MaxMessages);
        Between(nameof(options.MaxResponseBytes), options.MaxResponseBytes, Kibi, Gibi);
        Between(nameof(options.MaxConcurrentToolCalls), options.MaxConcurrentToolCalls, 1, 10_000);
        Between(nameof(options.MaxTurns), options.MaxTurns, 1, long.MaxValue);
        Between(nameof(options.MaxBranches), options.MaxBranches, 1, 10_000);
        Between(nameof(options.MaxHistoryBytes), options.MaxHistoryBytes, Kibi, long.MaxValue);
        Between(nameof(options.MaxRecoveryAttempts), options.MaxRecoveryAttempts, 0, 100);
        Between(nameof(options.DrainTimeout), options.DrainTimeout, TimeSpan.Zero, TimeSpan.FromHours(1));
        Between(nameof(options.HeartbeatInterval), options.HeartbeatInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Between(nameof(options.LeaseDuration), options.LeaseDuration, options.HeartbeatInterval * 2, IOwnerStore.MaxLease);
        Between(nameof(options.RecoveryInterval), options.RecoveryInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10));
        Between(nameof(options.RemoteTurnPollInterval), options.RemoteTurnPollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        return check.Result;

        void Between<T>(string key, T value, T min, T max)
            where T : IComparable<T> => check.RequireBetween(key, value, min, max);
    }
}
