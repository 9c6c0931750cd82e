using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.TestKit.Chats;

/// <summary>A method for each step, with its result.</summary>
internal static class StoreCalls
{
    public static async Task<ChatRecord?> CreateAsync(this IChatStore store, CreateStep step) => (await store.ApplyAsync(step.Chat.Key, step)).ExistingChat;

    public static async Task<TurnRecord?> AcceptAsync(this IChatStore store, ChatKey key, AcceptStep step) => (await store.ApplyAsync(key, step)).ExistingTurn;

    public static Task StartAsync(this IChatStore store, ChatKey key, StartStep step) => store.ApplyAsync(key, step);

    public static Task EndAsync(this IChatStore store, ChatKey key, EndStep step) => store.ApplyAsync(key, step);

    public static Task StopAsync(this IChatStore store, ChatKey key, StopStep step) => store.ApplyAsync(key, step);

    public static Task ReleaseAsync(this IChatStore store, ChatKey key, ReleaseStep step) => store.ApplyAsync(key, step);

    public static Task KeepProgressAsync(this IChatStore store, ChatKey key, ProgressStep step) => store.ApplyAsync(key, step);

    public static Task UpdateSettingsAsync(this IChatStore store, ChatKey key, long version, ChatSettings settings, DateTimeOffset updateTime, long growth) =>
        store.ApplyAsync(key, new UpdateStep(version, settings, updateTime, growth));

    public static async Task<Deletion> DeleteAsync(this IChatStore store, ChatKey key, DeleteStep step) => (await store.ApplyAsync(key, step)).Deletion;

    /// <summary>Deletes a chat under a new request ID, and returns whether there was one.</summary>
    public static async Task<bool> DeleteAsync(this IChatStore store, ChatKey key) =>
        await store.DeleteAsync(key, new DeleteStep(Guid.NewGuid().ToString("N"), Make.Time, DateTimeOffset.MinValue)) is Deletion.Done;

    /// <summary>Reads the progress of a turn by its number.</summary>
    public static async Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(this IChatStore store, ChatKey key, long sequence, CancellationToken cancellationToken) =>
        await store.ReadLogAsync(key, new LogRange(sequence - 1, 1, long.MaxValue) { Scope = LogScope.Whole }, cancellationToken) is { Turns: [{ } turn] }
            ? await store.ReadProgressAsync(key, turn.TurnId, cancellationToken)
            : [];
}
