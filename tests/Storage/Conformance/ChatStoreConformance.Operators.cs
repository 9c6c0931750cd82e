using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.GrainStorage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task ListTenants_ByPages_FindsThoseWithChatsInOrder()
    {
        foreach (var tenant in new[] { "c", "A", "b-1", "b", "gone" })
        {
            await Store.CreateAsync(Make.Create(Make.Key("1", tenant)));
            await Store.CreateAsync(Make.Create(Make.Key("2", tenant)));
        }

        await Store.DeleteAsync(Make.Key("1", "gone"));
        await Store.DeleteAsync(Make.Key("2", "gone"));
        await Store.DeleteAsync(Make.Key("2", "c"));

        var all = await Store.ListTenantsAsync("", 10, CancellationToken.None);
        if (Store is GrainStorageChatStore)
        {
            Assert.Null(all);
            return;
        }

        Assert.Equal(["A", "b", "b-1", "c"], all);
        Assert.Equal(["A", "b"], await Store.ListTenantsAsync("", 2, CancellationToken.None));
        Assert.Equal(["b-1", "c"], await Store.ListTenantsAsync("b", 2, CancellationToken.None));
        Assert.Equal([], await Store.ListTenantsAsync("c", 2, CancellationToken.None));
    }

    [Fact]
    public async Task ListBusy_ByPages_FindsEachChatWithPendingTurnsOnceInOrder()
    {
        for (var i = 0; i < 6; i++)
        {
            await AbandonAsync(Make.Key($"running-{i}", i % 2 == 0 ? "a" : "b"), Make.Running(1), 2 * i);
            await AbandonAsync(Make.Key($"queued-{i}", "b"), Make.Queued(1), (2 * i) + 1);
        }

        await Store.CreateAsync(Make.Create(Make.Key("idle", "a")));
        await Store.HeartbeatAsync(Make.Owner, Lifetime);

        var found = new List<string>();
        for (BusyChat? after = null; ;)
        {
            var page = await Store.ListBusyAsync(new BusyQuery(5, After: after), CancellationToken.None);
            found.AddRange(page.Select(static chat => chat.Key.ChatId));
            if (page.Count < 5)
            {
                break;
            }

            after = page[^1];
        }

        Assert.Equal(Enumerable.Range(0, 6).SelectMany(static i => new[] { $"running-{i}", $"queued-{i}" }), found);
        Assert.Equal(["running-0", "running-2", "running-4"], await BusyAsync(new BusyQuery(9, Tenant: "a")));
        Assert.Equal(["running-1", "running-3", "running-5"], await BusyAsync(new BusyQuery(9, Tenant: "b", HasOwner: true)));
        Assert.Equal(["queued-0", "queued-1"], await BusyAsync(new BusyQuery(2, HasOwner: false)));
        Assert.Equal(["running-0", "queued-0", "running-1"], await BusyAsync(new BusyQuery(9, CreatedBefore: Make.After(2))));
        Assert.Empty(await BusyAsync(new BusyQuery(9, Tenant: "nobody")));
    }

    private async Task<IEnumerable<string>> BusyAsync(BusyQuery query) =>
        (await Store.ListBusyAsync(query, CancellationToken.None)).Select(static chat => chat.Key.ChatId);
}
