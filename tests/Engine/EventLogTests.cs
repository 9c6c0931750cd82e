using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests;

public sealed class EventLogTests
{
    private const int ManyEvents = 1000;
    private const int ManyBytes = int.MaxValue;

    private readonly EventLog _log = new();

    [Fact]
    public async Task ReadAsync_EventsThere_GivesThoseAfterTheOffset()
    {
        Append(1, 2, 3);

        AssertOffsets(await ReadAsync(1), [2, 3]);
        Assert.Equal(3, _log.LastOffset);
    }

    [Fact]
    public async Task ReadAsync_NothingNew_WaitsForTheNextAppend()
    {
        Append(1);

        var read = ReadAsync(1);
        Assert.False(read.IsCompleted);
        Append(2);

        var events = await read;
        AssertOffsets(events, [2]);
        Assert.False(events.Ended);
    }

    [Fact]
    public async Task ReadAsync_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        var read = _log.ReadAsync(0, ManyEvents, ManyBytes, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task ReadAsync_MoreThanTheLimits_EndsThereAndSaysSo()
    {
        Append(1, 2, 3);
        End(4);

        var few = await _log.ReadAsync(0, 2, ManyBytes, default);
        var small = await _log.ReadAsync(0, ManyEvents, 1, default);
        var rest = await _log.ReadAsync(2, ManyEvents, ManyBytes, default);

        AssertOffsets(few, [1, 2]);
        Assert.False(few.Ended);
        AssertOffsets(small, [1]);
        AssertOffsets(rest, [3, 4]);
        Assert.True(rest.Ended);
    }

    [Fact]
    public async Task ReadAsync_OffsetBeyondTheEnd_EndsAtOnce()
    {
        End(1);

        var events = await ReadAsync(5);

        Assert.Empty(events.Events);
        Assert.True(events.Ended);
    }

    [Fact]
    public async Task Restart_ReaderOfTheVoidEvents_GetsTheNewOnesFromTheirStart()
    {
        Append(1, 2, 3);
        var read = ReadAsync(3);

        _log.Restart(Event(11));
        Append(12);

        var first = Offsets(await read);
        Assert.Equal(11, first[0]);
        AssertOffsets(await ReadAsync(3), [11, 12]);
        AssertOffsets(await ReadAsync(0), [11, 12]);
    }

    [Fact]
    public async Task Fail_ReadersThatWaitAndThoseToCome_GetTheFailure()
    {
        var failure = new InvalidOperationException("over");
        var read = ReadAsync(0);
        var end = _log.EndedAsync(CancellationToken.None);

        _log.Fail(failure);

        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => read));
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => end));
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(0)));
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => _log.EndedAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task Fail_AfterTheLastEvent_ChangesNothing()
    {
        End(1);

        _log.Fail(new InvalidOperationException("late"));

        AssertOffsets(await ReadAsync(0), [1]);
        await _log.EndedAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Restart_AfterAFailure_LetsReadersReadAgain()
    {
        _log.Fail(new InvalidOperationException("over"));

        _log.Restart(Event(1));

        AssertOffsets(await ReadAsync(0), [1]);
    }

    [Fact]
    public async Task EndedAsync_OtherEvents_WaitsOn()
    {
        var end = _log.EndedAsync(CancellationToken.None);

        Append(1);
        Assert.False(end.IsCompleted);
        End(2);

        await end.WaitAsync(Patience.Limit);
        Assert.True(_log.Ended);
    }

    [Fact]
    public async Task EndedAsync_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        var end = _log.EndedAsync(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => end);
    }

    [Fact]
    public void ReadAsync_WhatWasHandedOut_NeverChanges()
    {
        Append(1, 2);
        var before = _log.After(0, ManyEvents, ManyBytes);

        Append(3, 4, 5, 6);
        _log.Restart(Event(11));

        AssertOffsets(before, [1, 2]);
    }

    [Fact]
    public async Task ReadAsync_ManyReadersOnOtherThreads_EachGetsEveryEventInOrder()
    {
        const int Events = 20_000;
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(ReadAllAsync)).ToList();

        // Bursts: some reads find events, others wait.
        for (var offset = 1; offset < Events; offset++)
        {
            Append(offset);
            if (offset % 97 == 0)
            {
                await Task.Yield();
            }
        }

        End(Events);
        foreach (var read in await Task.WhenAll(readers).WaitAsync(Patience.Limit))
        {
            Assert.Equal(Enumerable.Range(1, Events).Select(i => (long)i), read);
        }
    }

    [Fact]
    public async Task ReadAsync_RestartsWhileReadersRead_OffsetsAscendAndTheLastAttemptIsWhole()
    {
        const int Attempts = 200;
        const int PerAttempt = 50;
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(ReadAllAsync)).ToList();

        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            _log.Restart(Event(attempt * 1000));
            for (var i = 1; i < PerAttempt; i++)
            {
                Append((attempt * 1000) + i);
            }

            await Task.Yield();
        }

        End((Attempts * 1000) + PerAttempt);
        var last = Enumerable.Range(0, PerAttempt + 1).Select(i => (Attempts * 1000L) + i).ToList();
        foreach (var read in await Task.WhenAll(readers).WaitAsync(Patience.Limit))
        {
            Assert.Equal(read.Order(), read);
            Assert.Equal(read.Distinct(), read);
            Assert.Equal(last, read[^last.Count..]);
        }
    }

    private async Task<List<long>> ReadAllAsync()
    {
        var read = new List<long>();
        while (true)
        {
            var events = await _log.ReadAsync(read.Count > 0 ? read[^1] : 0, 64, ManyBytes, default);
            read.AddRange(Offsets(events));
            if (events.Ended)
            {
                return read;
            }
        }
    }

    private Task<TurnEvents> ReadAsync(long offset) => _log.ReadAsync(offset, ManyEvents, ManyBytes, default).AsTask().WaitAsync(Patience.Limit);

    private void Append(params long[] offsets)
    {
        foreach (var offset in offsets)
        {
            _log.Append(Event(offset));
        }
    }

    private void End(long offset) => _log.Append(new TurnEvent { Offset = offset, Ended = new Turn() });

    private static TurnEvent Event(long offset) => new() { Offset = offset, Chunk = Messages.Chunk("x") };

    private static void AssertOffsets(TurnEvents events, long[] offsets) => Assert.Equal(offsets, Offsets(events));

    private static long[] Offsets(TurnEvents events) => [.. events.Decode().Select(e => e.Offset)];
}
