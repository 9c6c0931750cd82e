using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

/// <summary>A chat that was deleted, and another one under its name: nothing that was meant for the one reaches the other.</summary>
public abstract partial class ChatStoreConformance
{
    public static TheoryData<string> StepsOfATurn { get; } = ["start", "progress", "end", "release", "stop"];

    [Theory]
    [MemberData(nameof(StepsOfATurn))]
    public async Task Step_ChatWasDeletedAndCreatedAgain_ConflictsAndChangesNothing(string name)
    {
        await CreateAsync(name == "start" ? Make.Queued(1) : Make.Running(1));
        await Store.DeleteAsync(Key);
        var next = (name == "start" ? Make.Queued(1) : Make.Running(1)) with { TurnId = "another" };
        await Store.CreateAsync(Make.Create(Key) with { Chat = Make.Chat(Key) with { Incarnation = "chat-2" } });
        await Store.AcceptAsync(Key, Make.Accept(next));

        await AssertConflictAsync(() => StepAsync(name));

        Assert.Equal(Render.Of(next), Render.Of(Assert.Single((await LoadAsync()).Pending)));
        Assert.Empty(await Store.ReadProgressAsync(Key, "another", CancellationToken.None));
        Assert.Empty((await LogAsync()).Turns);
    }

    [Fact]
    public async Task ReadProgress_ChatWasDeletedAndCreatedAgain_IsTheTurns()
    {
        await CreateAsync(Make.Running(1));
        await Store.KeepProgressAsync(Key, Make.Progress(1));
        await Store.DeleteAsync(Key);
        await CreateAsync(Make.Running(1) with { TurnId = "another" });

        Assert.Empty(await Store.ReadProgressAsync(Key, "another", CancellationToken.None));
        Assert.Empty(await Store.ReadProgressAsync(Key, Make.Running(1).TurnId, CancellationToken.None));
    }

    [Fact]
    public async Task ReadLog_ByIncarnation_IsThatChats()
    {
        await CreateAsync(Make.Ended(1, 1));
        var range = new LogRange(0, 10, 1000, Incarnation: Make.Incarnation);

        Assert.Single((await Store.ReadLogAsync(Key, range, CancellationToken.None))!.Turns);
        Assert.Null(await Store.ReadLogAsync(Key, range with { Incarnation = "chat-2" }, CancellationToken.None));
        await Store.DeleteAsync(Key);
        await Store.CreateAsync(Make.Create(Key) with { Chat = Make.Chat(Key) with { Incarnation = "chat-2" } });
        Assert.Null(await Store.ReadLogAsync(Key, range, CancellationToken.None));
    }

    [Fact]
    public async Task Delete_SentAgain_DeletesNoLaterChat()
    {
        var step = new DeleteStep("delete-1", Make.Time, Make.Time);
        await CreateAsync(Make.Ended(1, 1));

        Assert.Equal(Deletion.Done, await Store.DeleteAsync(Key, step));
        Assert.Equal(Deletion.DoneBefore, await Store.DeleteAsync(Key, step));
        await CreateAsync(Make.Ended(1, 1));
        Assert.Equal(Deletion.DoneBefore, await Store.DeleteAsync(Key, step));
        Assert.Single((await LogAsync()).Turns);

        // Other requests, and the same id for another chat, are no retries.
        Assert.Equal(Deletion.NotFound, await Store.DeleteAsync(Make.Key("other"), step));
        Assert.Equal(Deletion.Done, await Store.DeleteAsync(Key, step with { RequestId = "delete-2" }));
        Assert.Equal(Deletion.NotFound, await Store.DeleteAsync(Key, step with { RequestId = "delete-3" }));
    }

    [Fact]
    public async Task Delete_SameRequestAtOnce_OneDeletes()
    {
        await CreateAsync();
        var step = new DeleteStep("delete-1", Make.Time, Make.Time);

        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => Store.DeleteAsync(Key, step))));

        Assert.Single(results, Deletion.Done);
        Assert.Equal(9, results.Count(result => result is Deletion.DoneBefore));
    }

    private Task StepAsync(string name) => name switch
    {
        "start" => Store.StartAsync(Key, Make.Start(1)),
        "progress" => Store.KeepProgressAsync(Key, Make.Progress(1)),
        "end" => Store.EndAsync(Key, Make.End(1)),
        "release" => Store.ReleaseAsync(Key, new ReleaseStep(1, Make.Running(1).TurnId, 1, Make.Owner)),
        _ => Store.StopAsync(Key, new StopStep(1, Make.Running(1).TurnId, TurnStop.Cancel)),
    };
}
