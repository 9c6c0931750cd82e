using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Storage.Tests.Conformance;

public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task Create_NewChat_IsThereWithEveryField()
    {
        var step = Make.Create(Key, pieces: 3, settings: Make.Settings("gemini", ("team", "a"), ("env", "prod")));

        Assert.Null(await Store.CreateAsync(step));

        var snapshot = await LoadAsync();
        Assert.Equal(Render.Of(step.Chat), Render.Of(snapshot.Chat));
        Assert.Equal(3, snapshot.LastSequence);
        Assert.Empty(snapshot.Pending);
        Assert.Equal(Render.Of(new LogPage(step.History, 0, false, Make.Incarnation)), Render.Of(await LogAsync()));
    }

    [Fact]
    public async Task Create_WithoutOptionalFields_IsThere()
    {
        var chat = new ChatRecord { Key = Key, Settings = new ChatSettings(), CreateTime = Make.Time, UpdateTime = Make.Time };

        Assert.Null(await Store.CreateAsync(new CreateStep(chat, [], 1)));

        Assert.Equal(Render.Of(chat), Render.Of((await LoadAsync()).Chat));
    }

    [Fact]
    public async Task Create_EmptyConfig_IsNotTakenForNone()
    {
        var settings = new ChatSettings { Model = "echo", Config = new GenerateContentConfig() };

        await Store.CreateAsync(Make.Create(Key, settings: settings));

        Assert.NotNull((await LoadAsync()).Chat.Settings.Config);
    }

    [Fact]
    public async Task Create_MembersOfALaterVersion_AreKept()
    {
        // Field 9999 of the settings, and of the config.
        var settings = ChatSettings.Parser.ParseFrom([0xFA, 0xF0, 0x04, 0x01, 0x41, 0x12, 0x04, 0xFA, 0xF0, 0x04, 0x00]);

        await Store.CreateAsync(Make.Create(Key, settings: settings));

        var read = (await LoadAsync()).Chat.Settings;
        Assert.Equal(settings, read);
        Assert.Equal(settings.Config.ToByteArray(), read.Config.ToByteArray());
    }

    [Fact]
    public async Task Create_IdIsTaken_ReturnsTheChatThatHasIt()
    {
        await CreateAsync(Make.Ended(1, revision: 1));
        var existing = (await LoadAsync()).Chat;

        var found = await Store.CreateAsync(Make.Create(Key, pieces: 2, settings: Make.Settings("other")));

        Assert.Equal(Render.Of(existing), Render.Of(found));
        Assert.Equal(Render.Of(existing), Render.Of((await LoadAsync()).Chat));
        Assert.Equal(1, (await LoadAsync()).LastSequence);
    }

    [Fact]
    public async Task Create_SameIdInAnotherTenant_IsAnotherChat()
    {
        await CreateAsync();
        var other = Make.Key(tenant: "other");

        Assert.Null(await Store.CreateAsync(Make.Create(other)));

        Assert.Equal(other, (await LoadAsync(other)).Chat.Key);
        Assert.True(await Store.DeleteAsync(other));
        Assert.Equal(Key, (await LoadAsync()).Chat.Key);
    }

    [Fact]
    public async Task Create_IdsThatDifferInCase_AreDifferentChats()
    {
        await CreateAsync();

        Assert.Null(await Store.CreateAsync(Make.Create(Make.Key("CHAT"))));
    }

    [Fact]
    public async Task Create_TenantHasAsManyAsItMay_ThrowsAndCreatesNothing()
    {
        await Store.CreateAsync(Make.Create(Make.Key("a"), maxChats: 2));
        await Store.CreateAsync(Make.Create(Make.Key("b"), maxChats: 2));

        var exception = await Assert.ThrowsAsync<ChatLimitException>(() => Store.CreateAsync(Make.Create(Make.Key("c"), maxChats: 2)));

        Assert.Equal(2, exception.MaxChats);
        Assert.Null(await Store.LoadWholeAsync(Make.Key("c"), CancellationToken.None));
    }

    [Fact]
    public async Task Create_AtTheLimit_FindsTheChatThatIsThere()
    {
        await Store.CreateAsync(Make.Create(Key, maxChats: 1));

        Assert.NotNull(await Store.CreateAsync(Make.Create(Key, maxChats: 1)));
    }

    [Fact]
    public async Task Create_AtTheLimitOfAnotherTenant_Creates()
    {
        await Store.CreateAsync(Make.Create(Key, maxChats: 1));

        Assert.Null(await Store.CreateAsync(Make.Create(Make.Key(tenant: "other"), maxChats: 1)));
    }

    [Fact]
    public async Task Create_AfterADeletionAtTheLimit_Creates()
    {
        await Store.CreateAsync(Make.Create(Make.Key("a"), maxChats: 1));
        await Store.DeleteAsync(Make.Key("a"));

        Assert.Null(await Store.CreateAsync(Make.Create(Make.Key("b"), maxChats: 1)));
    }

    [Fact]
    public async Task Create_ByManyAtOnce_OneCreates()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Store.CreateAsync(Make.Create(Key)))));

        Assert.Single(results, found => found is null);
    }

    [Fact]
    public async Task Create_ByManyAtOnceNearTheLimit_StaysWithinIt()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            async () => await Record.ExceptionAsync(() => Store.CreateAsync(Make.Create(Make.Key($"chat-{i}"), maxChats: 7))))));

        Assert.Equal(7, results.Count(exception => exception is null));
        Assert.All(results.Where(exception => exception is not null), exception => Assert.IsType<ChatLimitException>(exception));
    }

    [Fact]
    public async Task Create_MisshapenStep_IsRefusedAndDoesNothing()
    {
        var step = Make.Create(Key, pieces: 1);

        await Assert.ThrowsAsync<ArgumentException>(() => Store.CreateAsync(step with { Chat = step.Chat with { Revision = 1 } }));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CreateAsync(step with { History = [Make.Piece(2)] }));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CreateAsync(step with { History = [Make.Piece(1) with { Outcome = null }] }));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CreateAsync(step with { History = [Make.Ended(1, 0)] }));

        Assert.Null(await Store.LoadWholeAsync(Key, CancellationToken.None));
    }
}
