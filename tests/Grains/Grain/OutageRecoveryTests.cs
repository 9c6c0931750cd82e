using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Grains.Hosting;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Grains.Tests.Grain;

/// <summary>Recovery while the store is down: it doesn't try every chat.</summary>
public sealed class OutageRecoveryTests
{
    [Fact]
    public async Task Recover_StoreIsAway_TriesFewAndKeepsAll()
    {
        const int Chats = 500;
        var time = new ManualTimeProvider();
        using var server = new ServerState(time: time);
        var orphans = server.Orphans;
        for (var i = 0; i < Chats; i++)
        {
            orphans.Add(new OrphanedChat(new ChatKey("default", $"chat-{i}"), Sequence: 1, TurnId: "turn", Attempt: 1));
        }

        var tries = 0;
        var swept = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = new StoreProxy(new InMemoryChatStore(time))
        {
            Around = (name, _) =>
            {
                tries += name == nameof(ReleaseStep) ? 1 : 0;
                if (name == "FindAbandonedAsync")
                {
                    swept.TrySetResult();
                }

                throw new ChatStoreException("The test's store is away.");
            },
        };
        using var recovery = new TurnRecoveryService(
            store, store, server, new StoreHealth(), null!, new ChatMetrics(), Options.Create(new ChatsOptions()), NullLogger<TurnRecoveryService>.Instance);

        await recovery.StartAsync(CancellationToken.None);
        await swept.Task.WaitAsync(Patience.Limit);
        await recovery.StopAsync(CancellationToken.None);

        Assert.InRange(tries, 1, 32);
        Assert.Equal(Chats, orphans.Take().Count);
    }

    [Fact]
    public void Take_TheSameChatsAgain_InAnotherOrder()
    {
        var orphans = new OrphanedChats();
        var chats = Enumerable.Range(0, 100).Select(i => new OrphanedChat(new ChatKey("default", $"chat-{i}"))).ToList();

        // The set grows while it is filled for the first time, which changes its order too. Later rounds leave its size as it is.
        TakeAll();
        var one = TakeAll();
        var other = TakeAll();

        Assert.Equal(chats.ToHashSet(), other.ToHashSet());
        Assert.NotEqual(one, other);

        IReadOnlyList<OrphanedChat> TakeAll()
        {
            chats.ForEach(orphans.Add);
            return orphans.Take();
        }
    }
}
