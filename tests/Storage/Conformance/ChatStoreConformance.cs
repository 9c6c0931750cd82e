using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

/// <summary>What <see cref="IChatStore"/> promises, checked on every store. A store's class says how to open an empty one.</summary>
public abstract partial class ChatStoreConformance : IAsyncLifetime
{
    private IStorageBackend? _store;

    private protected ManualTimeProvider Clock { get; } = new();

    private protected IStorageBackend Store => _store!;

    private protected static ChatKey Key => Make.Key();

    public async Task InitializeAsync()
    {
        _store = await OpenAsync(Clock);
        await Store.InitializeAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (_store is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }

    private protected abstract Task<IStorageBackend> OpenAsync(ManualTimeProvider time);

    /// <summary>The chat, with turns in its log, in order.</summary>
    private protected async Task CreateAsync(params TurnRecord[] turns)
    {
        Assert.Null(await Store.CreateAsync(Make.Create(Key)));
        foreach (var turn in turns)
        {
            Assert.Null(await Store.AcceptAsync(Key, Make.Accept(turn)));
        }
    }

    private protected async Task<ChatSnapshot> LoadAsync(ChatKey? key = null)
    {
        var snapshot = await Store.LoadWholeAsync(key ?? Key, CancellationToken.None);
        Assert.NotNull(snapshot);
        return snapshot;
    }

    private protected async Task<TurnRecord> TurnAsync(long sequence)
    {
        var turn = await Store.FindWholeTurnAsync(Key, Make.Queued(sequence).TurnId, CancellationToken.None);
        Assert.NotNull(turn);
        return turn;
    }

    private protected async Task<LogPage> LogAsync(long after = 0, int maxTurns = 100, long maxBytes = long.MaxValue)
    {
        var page = await Store.ReadLogAsync(Key, new LogRange(after, maxTurns, maxBytes), CancellationToken.None);
        Assert.NotNull(page);
        return page;
    }

    /// <summary>A step that is refused, and leaves all as it was.</summary>
    private protected async Task AssertConflictAsync(Func<Task> step)
    {
        var before = await StateAsync();
        await Assert.ThrowsAsync<ChatConflictException>(step);
        Assert.Equal(before, await StateAsync());
    }

    private async Task<string> StateAsync()
    {
        var snapshot = await Store.LoadWholeAsync(Key, CancellationToken.None);
        var log = await Store.ReadLogAsync(Key, new LogRange(0, 1000, long.MaxValue), CancellationToken.None);
        return Render.Of(snapshot) + Render.Of(log);
    }
}
