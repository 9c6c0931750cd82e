using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

/// <content>Reads of paths and branches, in both directions and in pages, and of single revisions.</content>
public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task ReadLog_EachScopeDirectionAndPageSize_YieldsEachTurnOnce()
    {
        foreach (var chat in await AllKindsOfChatsAsync())
        {
            IReadOnlyList<SequenceRange>?[] paths = [null, chat.PathTo(4), [SequenceRange.All]];
            foreach (var range in paths.Select(path => new LogRange { Scope = LogScope.Path, Path = path })
                .Append(new LogRange { Scope = LogScope.Branches }).Append(new LogRange { Scope = LogScope.Whole }))
            {
                var all = await ReadAsync(chat.Key, range with { MaxTurns = 1000, MaxBytes = long.MaxValue });
                foreach (var size in Suite.IsLong ? [1, 4] : new[] { 3 })
                {
                    Assert.Equal(all, await PagesAsync(chat.Key, range with { MaxTurns = size, MaxBytes = long.MaxValue }));
                    Assert.Equal(all, await PagesAsync(chat.Key, range with { MaxTurns = 1000, MaxBytes = size * 100 }));
                    Assert.Equal(all.Reverse(), await PagesAsync(chat.Key, range with { MaxTurns = size, MaxBytes = long.MaxValue, NewestFirst = true }));
                }
            }
        }
    }

    [Fact]
    public async Task ReadLog_BetweenNumbers_YieldsTheTurnsBetween()
    {
        foreach (var chat in await AllKindsOfChatsAsync())
        {
            var all = await ReadAsync(chat.Key, new LogRange(0, 1000, long.MaxValue));
            for (var after = 0; after <= chat.LastSequence + 1; after += Suite.Pick(5, inLongRuns: 2))
            {
                for (var before = after; before <= chat.LastSequence + 2; before += Suite.Pick(4, inLongRuns: 3))
                {
                    var range = new LogRange(after, 1000, long.MaxValue) { BeforeSequence = before };
                    var expected = all.Where(sequence => sequence > after && sequence < before).ToList();
                    Assert.Equal(expected, await ReadAsync(chat.Key, range));
                    Assert.Equal(expected.AsEnumerable().Reverse(), await ReadAsync(chat.Key, range with { NewestFirst = true }));
                }
            }
        }
    }

    [Fact]
    public async Task ReadLog_Scopes_HaveTheTurnsThatTheySay()
    {
        var chat = await SourceAsync();
        await chat.SendAsync(after: 2);
        await chat.MoveAsync(4);
        await Store.AcceptAsync(Key, Make.Accept(Make.Queued(11)));

        Assert.Equal([1, 2, 3, 5, 7], await ReadAsync(Key, new LogRange(0, 100, long.MaxValue)));
        Assert.Equal([1, 2, 3, 5, 7, 8], await ReadAsync(Key, new LogRange(0, 100, long.MaxValue) { Path = chat.PathTo(5) }));
        Assert.Equal([1, 2, 3, 9], await ReadAsync(Key, new LogRange(0, 100, long.MaxValue) { Path = chat.PathTo(6) }));
        Assert.Equal([1, 2, 3, 5, 7, 8, 9], await ReadAsync(Key, new LogRange(0, 100, long.MaxValue) { Scope = LogScope.Branches }));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], await ReadAsync(Key, new LogRange(0, 100, long.MaxValue) { Scope = LogScope.Whole }));
        Assert.Empty(await ReadAsync(Key, new LogRange(0, 100, long.MaxValue) { Path = [] }));
    }

    [Fact]
    public async Task ReadLog_NewestFirst_PageHasTheNewest()
    {
        var chat = await SourceAsync();
        var range = new LogRange(0, 2, long.MaxValue) { NewestFirst = true };

        var page = (await Store.ReadLogAsync(Key, range, CancellationToken.None))!;
        Assert.Equal([8, 7], page.Turns.Select(turn => turn.Sequence));
        Assert.True(page.HasMore);
        page = (await Store.ReadLogAsync(Key, range with { BeforeSequence = 3 }, CancellationToken.None))!;
        Assert.Equal([2, 1], page.Turns.Select(turn => turn.Sequence));
        Assert.False(page.HasMore);
        Assert.Equal(5, chat.Revision);
    }

    [Fact]
    public async Task ReadLog_CuratedOnAPath_HasCuratedTurnsOfThePath()
    {
        var chat = await TreeChat.CreateAsync(Store, Key, pieces: 4);
        await chat.SendAsync();
        await Store.AcceptAsync(Key, Make.Accept(Make.Ended(6, revision: 2) with { Curated = false }));

        Assert.Equal([2, 4, 5], await ReadAsync(Key, new LogRange(0, 100, long.MaxValue) { Curated = true }));
        Assert.Equal([5, 4], await ReadAsync(Key, new LogRange(2, 100, long.MaxValue) { Curated = true, NewestFirst = true, Path = [new SequenceRange(1, 5)] }));
        Assert.Equal([2, 4], await ReadAsync(Key, new LogRange(0, 100, long.MaxValue) { Curated = true, Path = [new SequenceRange(1, 2), new SequenceRange(4, 4)] }));
    }

    [Fact]
    public async Task FindRevision_EachTurn_IsFoundInItsRangeAlone()
    {
        foreach (var chat in await AllKindsOfChatsAsync())
        {
            for (var revision = -1; revision <= chat.Revision + 2; revision++)
            {
                var range = chat.Tree.RangeOf(revision);
                var found = await Store.FindRevisionAsync(chat.Key, revision, range ?? SequenceRange.All, CancellationToken.None);
                Assert.Equal(range is null || revision <= 0 ? null : chat.SequenceOf(revision), found?.Sequence);
                Assert.False(found is { HasInput: true });
                if (found is not null)
                {
                    var (first, last) = range!.Value;
                    var without = new SequenceRange(found.Sequence + 1, Math.Max(last, found.Sequence + 1));
                    Assert.Null(await Store.FindRevisionAsync(chat.Key, revision, without, CancellationToken.None));
                    without = new SequenceRange(first, Math.Max(first, found.Sequence - 1));
                    Assert.Equal(
                        without.Contains(found.Sequence) ? found.Sequence : null,
                        (await Store.FindRevisionAsync(chat.Key, revision, without, CancellationToken.None))?.Sequence);
                }
            }
        }

        Assert.Null(await Store.FindRevisionAsync(Make.Key("missing"), 1, SequenceRange.All, CancellationToken.None));
    }

    [Fact]
    public async Task FindRevision_AmongManyTurnsThatFailed_FindsEach()
    {
        await CreateAsync();
        var sequences = new List<long>();
        for (var sequence = 1; sequence <= 100; sequence++)
        {
            var isRecorded = sequence % 7 == 3 || sequence is > 40 and < 50;
            if (isRecorded)
            {
                sequences.Add(sequence);
            }

            await Store.AcceptAsync(Key, Make.Accept(Make.Ended(sequence, isRecorded ? sequences.Count : 0)));
        }

        for (var revision = 1; revision <= sequences.Count; revision++)
        {
            var found = await Store.FindRevisionAsync(Key, revision, SequenceRange.All, CancellationToken.None);
            Assert.Equal(Render.Of(Make.Ended(sequences[revision - 1], revision).WithoutInput()), Render.Of(found));
        }

        Assert.Null(await Store.FindRevisionAsync(Key, sequences.Count + 1, SequenceRange.All, CancellationToken.None));
        Assert.Null(await Store.FindRevisionAsync(Key, 0, SequenceRange.All, CancellationToken.None));
    }

    /// <summary>A chat without branches, one with some, a fork of a fork, and one with erased turns.</summary>
    private async Task<IReadOnlyList<TreeChat>> AllKindsOfChatsAsync()
    {
        var linear = await SourceAsync();
        var branches = await TreeChat.CreateAsync(Store, Make.Key("branches"), pieces: 3);
        for (var i = 0; i < 16; i++)
        {
            await branches.SendAsync(after: i % 4 == 3 ? i / 2 : null);
            if (i % 3 == 1)
            {
                await branches.FailAsync();
            }
        }

        var fork = await branches.ForkAsync(14, Make.Key("fork-1"));
        await fork.SendAsync();
        await fork.SendAsync(after: 4);
        await fork.FailAsync();
        await fork.SendAsync();
        fork = await fork.ForkAsync(17, Make.Key("fork-2"));
        await fork.SendAsync();
        await fork.SendAsync(after: 17);

        var erased = await branches.ForkAsync(16, Make.Key("erased"));
        await erased.SendAsync(after: 4);
        await erased.SendAsync();
        await erased.MoveAsync(17, erase: true);
        await erased.SendAsync();
        await erased.FailAsync();
        await erased.SendAsync(after: 4);
        await branches.MoveAsync(7);
        return [linear, branches, fork, erased];
    }

    private async Task<IReadOnlyList<long>> ReadAsync(ChatKey key, LogRange range)
    {
        var page = (await Store.ReadLogAsync(key, range, CancellationToken.None))!;
        Assert.False(page.HasMore);
        return [.. page.Turns.Select(turn => turn.Sequence)];
    }

    private async Task<IReadOnlyList<long>> PagesAsync(ChatKey key, LogRange range)
    {
        var sequences = new List<long>();
        LogPage page;
        do
        {
            page = (await Store.ReadLogAsync(key, range, CancellationToken.None))!;
            Assert.True(page.Turns.Count <= range.MaxTurns && (page.Turns.Count > 0 || !page.HasMore));
            sequences.AddRange(page.Turns.Select(turn => turn.Sequence));
            range = range.NewestFirst ? range with { BeforeSequence = sequences.LastOrDefault() } : range with { AfterSequence = sequences.LastOrDefault() };
        }
        while (page.HasMore);

        return sequences;
    }
}
