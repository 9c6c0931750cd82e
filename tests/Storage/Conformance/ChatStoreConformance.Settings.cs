using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task UpdateSettings_OfTheKnownVersion_ReplacesThemAndNothingElse()
    {
        await CreateAsync(Make.Queued(1));
        var settings = Make.Settings("gemini", ("team", "b"));
        settings.Config = null;

        await Store.UpdateSettingsAsync(Key, 1, settings, Make.After(77), growth: 25);

        var snapshot = await LoadAsync();
        Assert.Equal(
            Render.Of(Make.Chat(Key) with { Version = 2, Settings = settings, UpdateTime = Make.After(77), StoredBytes = 17 + 25 }),
            Render.Of(snapshot.Chat));
        Assert.Single(snapshot.Pending);
        await Store.UpdateSettingsAsync(Key, 2, Make.Settings(), Make.After(78), growth: -20);
        snapshot = await LoadAsync();
        Assert.Equal(Make.Settings(), snapshot.Chat.Settings);
        Assert.Equal(17 + 5, snapshot.Chat.StoredBytes);
    }

    [Fact]
    public async Task UpdateSettings_OtherVersionOrNoChat_Conflicts()
    {
        await AssertConflictAsync(() => Store.UpdateSettingsAsync(Key, 1, Make.Settings(), Make.Time, 0));
        await CreateAsync();

        await AssertConflictAsync(() => Store.UpdateSettingsAsync(Key, 0, Make.Settings("new"), Make.Time, 0));
        await AssertConflictAsync(() => Store.UpdateSettingsAsync(Key, 2, Make.Settings("new"), Make.Time, 0));
    }

    [Fact]
    public async Task UpdateSettings_ByManyAtOnce_OneReplacesEachVersion()
    {
        await CreateAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            () => Record.ExceptionAsync(() => Store.UpdateSettingsAsync(Key, 1, Make.Settings($"model-{i}"), Make.Time, 0)))));

        var winner = Array.FindIndex(results, exception => exception is null);
        Assert.Equal(19, results.Count(exception => exception is ChatConflictException));
        Assert.Equal($"model-{winner}", (await LoadAsync()).Chat.Settings.Model);
    }

    [Fact]
    public async Task Delete_Chat_TakesItsWholeLog()
    {
        await CreateAsync(Make.Ended(1, revision: 1), Make.Queued(2));

        Assert.True(await Store.DeleteAsync(Key));

        Assert.Null(await Store.LoadWholeAsync(Key, CancellationToken.None));
        Assert.Null(await Store.ReadLogAsync(Key, new LogRange(0, 10, 1000), CancellationToken.None));
        Assert.Null(await Store.FindWholeTurnAsync(Key, Make.Queued(1).TurnId, CancellationToken.None));
        Assert.Null(await Store.FindRequestAsync(Key, Make.Queued(2).RequestId, CancellationToken.None));
        Assert.Empty(await Store.AbandonedAsync(10));
        Assert.Empty((await ListAsync()).Chats);
    }

    [Fact]
    public async Task Delete_NoSuchChat_SaysSo()
    {
        Assert.False(await Store.DeleteAsync(Key));
        await CreateAsync();
        Assert.True(await Store.DeleteAsync(Key));
        Assert.False(await Store.DeleteAsync(Key));
    }

    [Fact]
    public async Task Delete_LaterSteps_Conflict()
    {
        await CreateAsync(Make.Running(1));
        await Store.DeleteAsync(Key);

        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Queued(2))));
        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));
        await AssertConflictAsync(() => Store.StartAsync(Key, Make.Start(1, attempt: 2)));
        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1)));
        await AssertConflictAsync(() => Store.ReleaseAsync(Key, new ReleaseStep(1, "turn-1", 1, Make.Owner)));
        await AssertConflictAsync(() => Store.UpdateSettingsAsync(Key, 1, Make.Settings(), Make.Time, 0));
    }

    [Fact]
    public async Task Delete_LongLog_LeavesNothingToAChatOfTheSameId()
    {
        await CreateAsync([.. Enumerable.Range(1, 200).Select(i => Make.Ended(i, i))]);
        await Store.DeleteAsync(Key);

        await CreateAsync(Make.Ended(1, revision: 1));

        var snapshot = await LoadAsync();
        Assert.Equal((1L, 1L), (snapshot.LastSequence, snapshot.Chat.Revision));
        Assert.Single((await LogAsync(maxTurns: 1000)).Turns);
        Assert.Null(await Store.FindWholeTurnAsync(Key, Make.Queued(2).TurnId, CancellationToken.None));
    }
}
