using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task List_Chats_NewestChangeFirstThenById()
    {
        await ListedAsync("b", 10);
        await ListedAsync("c", 20);
        await ListedAsync("a", 10);
        await ListedAsync("B", 10);
        await ListedAsync("elsewhere", 15, tenant: "other");

        Assert.Equal(["c", "B", "a", "b"], Ids(await ListAsync()));
        Assert.Equal(["elsewhere"], Ids(await Store.ListWholeAsync(new ChatListQuery("other", [], 10, null), CancellationToken.None)));
        Assert.Empty((await Store.ListWholeAsync(new ChatListQuery("nobody", [], 10, null), CancellationToken.None)).Chats);
    }

    [Fact]
    public async Task List_Chat_IsItsHeadWithoutConfigAndWithPendingTurns()
    {
        await CreateAsync(Make.Ended(1, 1), Make.Running(2), Make.Queued(3));

        var listed = Assert.Single((await ListAsync()).Chats);

        var expected = await LoadAsync();
        expected.Chat.Settings.Config = null;
        Assert.Equal(Render.Of(expected), Render.Of(listed));
    }

    [Fact]
    public async Task List_ChatsThatChange_MoveToTheFront()
    {
        await ListedAsync("a", 10);
        await ListedAsync("b", 20);
        await ListedAsync("c", 30);

        await Store.AcceptAsync(Make.Key("a"), Make.Accept(Make.Ended(1, 1)));
        await Store.UpdateSettingsAsync(Make.Key("b"), 1, Make.Settings(), Make.After(5000), 0);

        Assert.Equal(["b", "a", "c"], Ids(await ListAsync()));
    }

    [Fact]
    public async Task List_InPages_YieldsEachChatOnce()
    {
        for (var i = 0; i < 23; i++)
        {
            await ListedAsync($"chat-{i:00}", i / 5, ("half", i % 2 == 0 ? "even" : "odd"));
        }

        var all = Ids(await ListAsync(pageSize: 100));
        Assert.Equal(23, all.Count);
        for (var size = 1; size <= 24; size++)
        {
            Assert.Equal(all, await IdsInPagesAsync(size));
            Assert.Equal(all.Where(id => int.Parse(id.AsSpan(5), null) % 2 == 0), await IdsInPagesAsync(size, ("half", "even")));
        }
    }

    [Fact]
    public async Task List_ByLabels_NeedsAllOfThem()
    {
        await ListedAsync("none", 1);
        await ListedAsync("a", 2, ("team", "a"));
        await ListedAsync("a-prod", 3, ("team", "a"), ("env", "prod"));
        await ListedAsync("b-prod", 4, ("team", "b"), ("env", "prod"));
        await ListedAsync("other", 5, "other", ("team", "a"));

        Assert.Equal(["a-prod", "a"], Ids(await ListAsync(labels: ("team", "a"))));
        Assert.Equal(["b-prod", "a-prod"], Ids(await ListAsync(labels: ("env", "prod"))));
        Assert.Equal(["a-prod"], Ids(await ListAsync(labels: [("env", "prod"), ("team", "a")])));
        Assert.Equal(["a-prod"], Ids(await ListAsync(labels: [("team", "a"), ("team", "a"), ("env", "prod")])));
        Assert.Empty(Ids(await ListAsync(labels: [("team", "a"), ("team", "b")])));
        Assert.Empty(Ids(await ListAsync(labels: ("team", "A"))));
        Assert.Empty(Ids(await ListAsync(labels: ("nothing", ""))));
    }

    [Fact]
    public async Task List_LabelsThatChanged_AreFoundAsTheyAre()
    {
        await ListedAsync("chat", 1, ("team", "a"), ("env", "prod"));

        await Store.UpdateSettingsAsync(Key, 1, Make.Settings("echo", ("team", "b"), ("env", "prod")), Make.After(2), 0);

        Assert.Empty(Ids(await ListAsync(labels: ("team", "a"))));
        Assert.Equal(["chat"], Ids(await ListAsync(labels: [("team", "b"), ("env", "prod")])));
        await Store.DeleteAsync(Key);
        Assert.Empty(Ids(await ListAsync(labels: ("team", "b"))));
        await ListedAsync("chat", 3, ("team", "c"));
        Assert.Empty(Ids(await ListAsync(labels: ("team", "b"))));
    }

    [Fact]
    public async Task List_LabelsOfMoreChatsThanOneSorts_AreFoundInOrder()
    {
        // A few at a time: a tenant's creations wait for each other, and a store has only so many connections for them to wait in.
        await Parallel.ForEachAsync(Enumerable.Range(0, 1200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) => await ListedAsync(
            $"chat-{i:0000}", i, ("all", "yes"), ("few", i % 100 == 0 ? "yes" : "no"), ("most", i % 100 == 0 ? "no" : "yes")));

        Assert.Equal(["chat-1199", "chat-1198"], Ids(await ListAsync(pageSize: 2, labels: ("all", "yes"))));
        Assert.Equal(["chat-1100", "chat-1000"], Ids(await ListAsync(pageSize: 2, labels: [("all", "yes"), ("few", "yes")])));
        Assert.Equal(["chat-1199", "chat-1198"], Ids(await ListAsync(pageSize: 2, labels: [("all", "yes"), ("most", "yes")])));
        Assert.Equal(1188, (await IdsInPagesAsync(500, ("most", "yes"), ("all", "yes"))).Count);
    }

    private static List<string> Ids(ChatListPage page) => [.. page.Chats.Select(chat => chat.Chat.Key.ChatId)];

    private Task ListedAsync(string chatId, double updated, params (string, string)[] labels) => ListedAsync(chatId, updated, "default", labels);

    private async Task ListedAsync(string chatId, double updated, string tenant, params (string, string)[] labels)
    {
        var step = Make.Create(Make.Key(chatId, tenant), settings: Make.Settings("echo", labels), maxChats: 10_000);
        Assert.Null(await Store.CreateAsync(step with { Chat = step.Chat with { UpdateTime = Make.After(updated) } }));
    }

    private Task<ChatListPage> ListAsync(int pageSize = 10, ChatListPosition? after = null, params (string Key, string Value)[] labels) =>
        Store.ListWholeAsync(
            new ChatListQuery("default", [.. labels.Select(label => KeyValuePair.Create(label.Key, label.Value))], pageSize, after),
            CancellationToken.None);

    private async Task<List<string>> IdsInPagesAsync(int pageSize, params (string, string)[] labels)
    {
        var ids = new List<string>();
        ChatListPosition? next = null;
        do
        {
            var page = await ListAsync(pageSize, next, labels);
            Assert.True(page.Chats.Count == pageSize || page.Next is null);
            ids.AddRange(Ids(page));
            next = page.Next;
        }
        while (next is not null);

        return ids;
    }
}
