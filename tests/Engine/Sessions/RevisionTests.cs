using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

public sealed class RevisionTests
{
    private readonly ChatWorld _world = new();

    [Fact]
    public async Task AcceptAsync_ExpectedRevisionIsCurrent_Runs()
    {
        var chat = await _world.NewChatAsync();

        var turn = await chat.SendAsync("u1", expectedRevision: 0);

        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(1, (await chat.EndOfAsync(turn.TurnId)).Revision);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task AcceptAsync_AnotherRevision_AbortedWithTheCurrentOne(long expected)
    {
        var chat = await _world.NewChatAsync();

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u1", expectedRevision: expected));

        Assert.Equal((Code.Aborted, "REVISION_MISMATCH", "0"), (failure.Code, failure.Reason, failure.Metadata["revision"]));
        Assert.Equal(0, (await _world.LoadAsync()).LastSequence);
    }

    [Theory]
    [InlineData(BusyPolicy.Interrupt)]
    [InlineData(BusyPolicy.Rollback)]
    public async Task AcceptAsync_AnotherRevisionThatWouldStopTurns_StopsNothing(BusyPolicy onBusy)
    {
        var chat = await _world.NewChatAsync();
        var running = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2");

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u3", onBusy: onBusy, expectedRevision: 1));

        Assert.Equal("REVISION_MISMATCH", failure.Reason);
        call.Finish("m1");
        (await _world.Model.NextCallAsync()).Finish("m2");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(running.TurnId)).State);
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(queued.TurnId)).State);
    }

    [Theory]
    [InlineData(BusyPolicy.Interrupt)]
    [InlineData(BusyPolicy.Rollback)]
    public async Task AcceptAsync_RevisionHasMovedOnAnotherServer_StopsNothing(BusyPolicy onBusy)
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2");
        var server = _world.NewServer();
        var other = await server.OpenAsync();
        call.Finish("m1");
        var next = await _world.Model.NextCallAsync();

        await Assert.ThrowsAsync<ChatConflictException>(() => other.SendAsync("u3", onBusy: onBusy, expectedRevision: 0));
        other = await server.OpenAsync();
        var failure = await Assert.ThrowsAsync<ChatException>(() => other.SendAsync("u3", onBusy: onBusy, expectedRevision: 0));

        Assert.Equal("REVISION_MISMATCH", failure.Reason);
        next.Finish("m2");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(queued.TurnId)).State);
        Assert.Equal("u:u1 m:m1 u:u2 m:m2", await chat.HistoryAsync(curated: true));
    }

    [Fact]
    public async Task AcceptAsync_RevisionMovesBeforeTheTurnStarts_FailsAndTheModelIsNotCalled()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2", expectedRevision: 0);

        call.Finish("m1");

        var ended = await chat.EndOfAsync(queued.TurnId);
        Assert.Equal((Turn.Types.State.Failed, 0L), (ended.State, ended.Revision));
        Assert.Equal(((int)Code.Aborted, "REVISION_MISMATCH"), (ended.Error.Code, ended.Error.Reason));
        Assert.Equal(1, _world.Model.Calls);
        Assert.Equal("u:u1 m:m1", await chat.HistoryAsync());
    }

    [Fact]
    public async Task AcceptAsync_RevisionDoesNotMoveBeforeTheTurnStarts_Runs()
    {
        var chat = await _world.NewChatAsync();
        var first = await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2", expectedRevision: 0);

        await chat.CancelAsync(first.TurnId);

        (await _world.Model.NextCallAsync()).Finish("m2");
        Assert.Equal(1, (await chat.EndOfAsync(queued.TurnId)).Revision);
    }

    [Fact]
    public async Task RecordAsync_IdleChat_IsRecordedInOneCommit()
    {
        var chat = await _world.NewChatAsync();
        var commits = new List<string>();
        _world.Store.Around = (name, call) =>
        {
            commits.Add(name);
            return call();
        };

        var turn = await chat.RecordAsync(Messages.Record("u1", "m1", "r1"));

        Assert.Equal([nameof(AcceptStep)], commits);
        Assert.Equal("ended", Messages.Line(await chat.ReadToEndAsync(turn.TurnId)));
        Assert.Equal("u:u1 m:m1", await chat.HistoryAsync(curated: true));
        Assert.Equal((1, 1), ((await chat.GetAsync()).Revision, (await chat.GetAsync()).TurnCount));
        Assert.Equal(turn, await chat.RecordAsync(Messages.Record("u1", "m1", "r1")));
        Assert.Equal(0, _world.Model.Calls);
    }

    [Theory]
    [InlineData("m1", false)]
    [InlineData(null, true)]
    [InlineData(null, false)]
    public async Task RecordAsync_InvalidOrEmpty_IsInTheComprehensiveHistoryAlone(string? model, bool isValid)
    {
        var chat = await _world.NewChatAsync();

        await chat.RecordAsync(Messages.Record("u1", model, isValid: isValid));

        Assert.Equal(model is null ? "u:u1 m" : "u:u1 m:m1", await chat.HistoryAsync());
        Assert.Equal("", await chat.HistoryAsync(curated: true));
    }

    [Fact]
    public async Task RecordAsync_BehindARunningTurn_IsRecordedAfterIt()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var record = await chat.RecordAsync(Messages.Record("u2", "m2"));
        var last = await chat.SendAsync("u3");
        Assert.Equal(Turn.Types.State.Queued, (await chat.GetTurnAsync(record.TurnId)).State);

        call.Finish("m1");

        Assert.Equal(2, (await chat.EndOfAsync(record.TurnId)).Revision);
        var next = await _world.Model.NextCallAsync();
        Assert.Equal("u:u1 m:m1 u:u2 m:m2 u:u3", next.Sent);
        next.Finish("m3");
        Assert.Equal(3, (await chat.EndOfAsync(last.TurnId)).Revision);
    }

    [Fact]
    public async Task RecordAsync_RevisionMovesBeforeItsTurnComes_FailsAndIsNotRecorded()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var request = Messages.Record("u2", "m2");
        request.ExpectedRevision = 0;
        var record = await chat.RecordAsync(request);

        call.Finish("m1");

        var ended = await chat.EndOfAsync(record.TurnId);
        Assert.Equal((Turn.Types.State.Failed, 0L, "REVISION_MISMATCH"), (ended.State, ended.Revision, ended.Error?.Reason));
        Assert.Equal("u:u1 m:m1", await chat.HistoryAsync());
    }

    [Fact]
    public async Task RecordAsync_BetweenSends_IsSentWithTheNext()
    {
        var chat = await _world.NewChatAsync();
        for (var i = 1; i <= 2; i++)
        {
            var turn = await chat.SendAsync($"u{i}");
            (await _world.Model.NextCallAsync()).Finish($"m{i}");
            await chat.EndOfAsync(turn.TurnId);
        }

        await chat.RecordAsync(Messages.Record("u3", "m3"));
        await chat.SendAsync("u4");

        Assert.Equal("u:u1 m:m1 u:u2 m:m2 u:u3 m:m3 u:u4", (await _world.Model.NextCallAsync()).Sent);
    }
}
