using System.Globalization;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.TestKit.Chats;
using Google.Protobuf;

namespace GenAI.Chats.Storage.Tests.Conformance;

public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task Load_NoSuchChat_IsNull()
    {
        await CreateAsync();

        Assert.Null(await Store.LoadWholeAsync(Make.Key("other"), CancellationToken.None));
        Assert.Null(await Store.LoadWholeAsync(Make.Key(tenant: "other"), CancellationToken.None));
    }

    [Fact]
    public async Task FindTurn_ByIdOrRequest_FindsIt()
    {
        await CreateAsync(Make.Ended(1, revision: 1), Make.Ended(2, revision: 0), Make.Running(3));

        foreach (var expected in new[] { Make.Ended(1, revision: 1), Make.Ended(2, revision: 0), Make.Running(3) })
        {
            Assert.Equal(Render.Of(expected), Render.Of(await Store.FindWholeTurnAsync(Key, expected.TurnId, CancellationToken.None)));
            Assert.Equal(Render.Of(expected), Render.Of(await Store.FindRequestAsync(Key, expected.RequestId, CancellationToken.None)));
        }
    }

    [Fact]
    public async Task FindTurn_NoSuchTurnOrChat_IsNull()
    {
        Assert.Null(await Store.FindWholeTurnAsync(Key, "turn-1", CancellationToken.None));
        Assert.Null(await Store.FindRequestAsync(Key, "request-1", CancellationToken.None));
        await Store.CreateAsync(Make.Create(Key, pieces: 2));
        await Store.AcceptAsync(Key, Make.Accept(Make.Queued(3)));

        Assert.Null(await Store.FindWholeTurnAsync(Key, "turn-4", CancellationToken.None));
        Assert.Null(await Store.FindWholeTurnAsync(Key, "TURN-3", CancellationToken.None));
        Assert.Null(await Store.FindRequestAsync(Key, "turn-3", CancellationToken.None));
        Assert.Null(await Store.FindWholeTurnAsync(Make.Key("other"), "turn-3", CancellationToken.None));
    }

    [Fact]
    public async Task Reads_OfPendingTurns_LeaveTheirInputsOut()
    {
        await CreateAsync(Make.Running(1), Make.Queued(2, text: new string('x', 100_000)));
        var expected = Make.Queued(2, text: new string('x', 100_000));

        TurnRecord[] found =
        [
            (await Store.LoadAsync(Key, CancellationToken.None))!.Pending[1],
            (await Store.ListAsync(new ChatListQuery(Key.Tenant, [], 10, null), CancellationToken.None)).Chats[0].Pending[1],
            (await Store.FindTurnAsync(Key, expected.TurnId, CancellationToken.None))!,
        ];

        Assert.All(found, turn => Assert.Equal((false, expected.InputBytes), (turn.HasInput, turn.InputBytes)));
        Assert.Equal(expected.Input, await Store.ReadInputAsync(Key, expected.TurnId, CancellationToken.None));
        Assert.Null(await Store.ReadInputAsync(Key, "turn-3", CancellationToken.None));
        Assert.Null(await Store.ReadInputAsync(Make.Key("other"), expected.TurnId, CancellationToken.None));
    }

    [Fact]
    public async Task FindTurn_EmptyId_IsNoPieceOfTheInitialHistory()
    {
        await Store.CreateAsync(Make.Create(Key, pieces: 1));

        Assert.Null(await Store.FindWholeTurnAsync(Key, "", CancellationToken.None));
        Assert.Null(await Store.FindRequestAsync(Key, "", CancellationToken.None));
    }

    [Fact]
    public async Task ReadLog_NoSuchChat_IsNull() =>
        Assert.Null(await Store.ReadLogAsync(Key, new LogRange(0, 10, 1000), CancellationToken.None));

    [Fact]
    public async Task ReadLog_EmptyChat_IsAnEmptyPage()
    {
        await CreateAsync();

        Assert.Equal(Render.Of(new LogPage([], 0, false, Make.Incarnation)), Render.Of(await LogAsync()));
    }

    [Fact]
    public async Task ReadLog_InitialHistoryAndRecordedTurns_ComeInOrderWithoutTheRest()
    {
        await Store.CreateAsync(Make.Create(Key, pieces: 2));
        TurnRecord[] turns = [Make.Ended(3, 1), Make.Ended(4, 0), Make.Ended(5, 2), Make.Queued(6)];
        foreach (var turn in turns)
        {
            await Store.AcceptAsync(Key, Make.Accept(turn));
        }

        Assert.Equal(
            Render.Of(new LogPage([Make.Piece(1), Make.Piece(2), Make.Ended(3, 1), Make.Ended(5, 2)], 2, false, Make.Incarnation)), Render.Of(await LogAsync()));
    }

    [Fact]
    public async Task ReadLog_Whole_HasAllTurns()
    {
        await Store.CreateAsync(Make.Create(Key, pieces: 1));
        TurnRecord[] turns = [Make.Ended(2, 0), Make.Ended(3, 1), Make.Queued(4), Make.Queued(5)];
        foreach (var turn in turns)
        {
            await Store.AcceptAsync(Key, Make.Accept(turn));
        }

        var log = await Store.ReadLogAsync(Key, new LogRange(0, 10, long.MaxValue) { Scope = LogScope.Whole }, CancellationToken.None);
        var last = await Store.ReadLogAsync(Key, new LogRange(3, 1, long.MaxValue) { Scope = LogScope.Whole }, CancellationToken.None);

        Assert.Equal(Render.Of(new LogPage([Make.Piece(1), .. turns], 1, false, Make.Incarnation)), Render.Of(log));
        Assert.Equal(Render.Of(new LogPage([turns[2]], 1, true, Make.Incarnation)), Render.Of(last));
    }

    [Fact]
    public async Task ReadLog_Curated_HasCuratedTurnsAlone()
    {
        await Store.CreateAsync(Make.Create(Key, pieces: 4));
        var curated = new List<long> { 2, 4 };
        for (var i = 5; i <= 24; i++)
        {
            var turn = Make.Ended(i, revision: i - 4) with { Curated = i % 5 == 0 };
            await Store.AcceptAsync(Key, Make.Accept(turn));
            if (turn.Curated)
            {
                curated.Add(i);
            }
        }

        await Store.AcceptAsync(Key, Make.Accept(Make.Queued(25)));

        var found = new List<long>();
        LogPage page;
        do
        {
            page = (await Store.ReadLogAsync(Key, new LogRange(found.LastOrDefault(), 2, long.MaxValue) { Curated = true }, CancellationToken.None))!;
            found.AddRange(page.Turns.Select(turn => turn.Sequence));
        }
        while (page.HasMore);

        Assert.Equal(curated, found);
    }

    [Fact]
    public async Task ReadLog_InPages_YieldsEachTurnOnce()
    {
        await CreateAsync([.. Enumerable.Range(1, 25).Select(i => Make.Ended(i, revision: i))]);

        for (var size = 1; size <= 26; size++)
        {
            var sequences = new List<long>();
            LogPage page;
            do
            {
                page = await LogAsync(sequences.LastOrDefault(), maxTurns: size);
                Assert.True(page.Turns.Count == size || !page.HasMore);
                sequences.AddRange(page.Turns.Select(turn => turn.Sequence));
            }
            while (page.HasMore);

            Assert.Equal(Enumerable.Range(1, 25).Select(i => (long)i), sequences);
        }
    }

    [Fact]
    public async Task ReadLog_TurnsThatAreNotRecordedFollow_HasNoMore()
    {
        await CreateAsync(Make.Ended(1, 1), Make.Ended(2, 2), Make.Ended(3, 0), Make.Queued(4));

        Assert.False((await LogAsync(maxTurns: 2)).HasMore);
        Assert.True((await LogAsync(maxTurns: 1)).HasMore);
        Assert.Empty((await LogAsync(after: 2)).Turns);
    }

    [Fact]
    public async Task ReadLog_MaxBytes_EndsThePageOnceTheyWereRead()
    {
        await CreateAsync(Make.Ended(1, 1), Make.Ended(2, 2), Make.Ended(3, 3));
        var size = Make.Ended(1, 1).Input.CalculateSize() + Make.Ended(1, 1).Outcome!.CalculateSize();

        Assert.Equal((1, true), Shape(await LogAsync(maxBytes: 0)));
        Assert.Equal((1, true), Shape(await LogAsync(maxBytes: size)));
        Assert.Equal((2, true), Shape(await LogAsync(maxBytes: size + 1)));
        Assert.Equal((2, true), Shape(await LogAsync(maxBytes: 2 * size)));
        Assert.Equal((3, false), Shape(await LogAsync(maxBytes: (2 * size) + 1)));
        Assert.Equal((1, false), Shape(await LogAsync(after: 2, maxBytes: 1)));

        static (int Turns, bool HasMore) Shape(LogPage page) => (page.Turns.Count, page.HasMore);
    }

    [Fact]
    public async Task Read_LargeMessagesAndMembersOfALaterVersion_ComeBackToTheByte()
    {
        var text = string.Concat(Enumerable.Range(0, 200_000).Select(i => i.ToString(CultureInfo.InvariantCulture)));
        var outcome = Make.Outcome(text + "\0\u2028\U0001F642");
        var later = TurnOutcome.Parser.ParseFrom([.. outcome.ToByteArray(), 0xFA, 0xF0, 0x04, 0x01, 0x41]);
        await CreateAsync(Make.Queued(1, text: text) with { State = TurnState.Running, Owner = Make.Owner, Attempt = 1 });
        await Store.EndAsync(Key, Make.End(1) with { Outcome = later });

        var turn = await TurnAsync(1);

        Assert.Equal(Make.Queued(1, text: text).Input, turn.Input);
        Assert.Equal(later.ToByteArray(), turn.Outcome!.ToByteArray());
    }

    [Fact]
    public async Task Read_WhatComes_BelongsToTheCaller()
    {
        var step = Make.Create(Key, settings: Make.Settings("echo", ("team", "a")));
        await Store.CreateAsync(step);
        step.Chat.Settings.Model = "changed after the step";
        var accept = Make.Accept(Make.Ended(1, 1));
        await Store.AcceptAsync(Key, accept);
        var expected = Render.Of(Make.Ended(1, 1));
        accept.Turn.Outcome!.Contents.Clear();

        var snapshot = await LoadAsync();
        Assert.Equal("echo", snapshot.Chat.Settings.Model);
        snapshot.Chat.Settings.Labels.Clear();
        snapshot.Chat.TotalUsage!.TotalTokenCount = 999;
        var turn = await TurnAsync(1);
        Assert.Equal(expected, Render.Of(turn));
        turn.Outcome!.Contents.Clear();
        turn.Input.Message.Parts.Clear();

        Assert.Equal(expected, Render.Of(await TurnAsync(1)));
        Assert.Equal(expected, Render.Of(Assert.Single((await LogAsync()).Turns)));
        var again = (await LoadAsync()).Chat;
        Assert.Equal(("a", 1), (again.Settings.Labels["team"], again.TotalUsage!.TotalTokenCount));
    }

    [Fact]
    public async Task Read_BesideSteps_SeesOneInstant()
    {
        await CreateAsync();
        var steps = Task.Run(async () =>
        {
            for (var i = 1; i <= 100; i++)
            {
                await Store.AcceptAsync(Key, Make.Accept(Make.Running(i)));
                await Store.EndAsync(Key, Make.End(i, revision: i - 1));
            }
        });

        do
        {
            var snapshot = await LoadAsync();
            Assert.Equal(snapshot.Chat.Revision + snapshot.Pending.Count, snapshot.LastSequence);
            Assert.Equal(snapshot.Chat.Revision, snapshot.Chat.TurnCount);
            var page = await LogAsync(after: snapshot.Chat.Revision, maxTurns: 1000);
            Assert.Equal(page.Revision, snapshot.Chat.Revision + page.Turns.Count);
        }
        while (!steps.IsCompleted);

        await steps;
        Assert.Equal(100, (await LoadAsync()).Chat.Revision);
    }
}
