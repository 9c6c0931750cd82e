using GenAI.Chats.Engine.Admission;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Tests.Admission;

public sealed class MemoryWatchTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemoryWatch _watch;
    private long _used;
    private long _garbage;
    private int _collections;
    private int _ended;
    private bool _inBackground;

    public MemoryWatchTests() => _watch = new MemoryWatch(() => new MemoryUse(_used + _garbage, 1000, _ended), Collect, _time, NullLogger.Instance) { Share = 0.8 };

    [Fact]
    public void Look_RisesAndFalls_HasSlack()
    {
        Assert.False(Look(799));
        Assert.True(Look(800));
        Assert.True(Look(750));
        Assert.False(Look(749));
        Assert.False(Look(799));
    }

    [Fact]
    public void Look_IsGarbageMostly_IsCollectedAndNotHigh()
    {
        _garbage = 300;

        Assert.False(Look(700));
        Assert.Equal((0, 1), (_garbage, _collections));
    }

    [Fact]
    public void Look_StaysHigh_CollectsNowAndThen()
    {
        for (var i = 0; i < 25; i++)
        {
            Assert.True(Look(900));
        }

        Assert.Equal(3, _collections);
    }

    [Fact]
    public void Look_JustCollected_IsHighOnlyAfterAnotherCollection()
    {
        _garbage = 300;
        Look(700);
        _garbage = 300;

        Assert.False(Look(700));
        Assert.Equal(1, _collections);
    }

    [Fact]
    public void Look_CollectionRunsInTheBackground_IsHighOnlyWhenItHasEnded()
    {
        _inBackground = true;
        _garbage = 300;

        Assert.False(Look(700));
        Assert.False(Look(700));
        EndCollection();
        Assert.False(Look(700));
        _time.Advance(TimeSpan.FromSeconds(10));
        _garbage = 50;
        Assert.False(Look(800));
        EndCollection();
        Assert.True(Look(800));
    }

    [Fact]
    public void Look_AboveTheHardMark_AllowsLessAndLess()
    {
        _watch.MaxShare = 0.9;
        Look(899);
        Assert.Equal(long.MaxValue, _watch.MaxResponseBytes);

        var allowed = Enumerable.Range(0, 6).Select(_ =>
        {
            Look(900);
            return _watch.MaxResponseBytes >> 10;
        });

        Assert.Equal([16384, 4096, 1024, 256, 64, 64], allowed);
        Look(899);
        Assert.Equal(long.MaxValue, _watch.MaxResponseBytes);
    }

    [Fact]
    public void MayBlock_HeapThatTakesLongToCompact_Not()
    {
        var collector = new MemoryCollector(TimeSpan.FromSeconds(4));
        Assert.True(collector.MayBlock(200L << 20));
        Assert.False(collector.MayBlock(300L << 20));

        collector.Learn(1L << 30, TimeSpan.FromSeconds(1));
        Assert.True(collector.MayBlock(600L << 20));
        collector.Learn(100L << 20, TimeSpan.FromSeconds(1));
        Assert.False(collector.MayBlock(101L << 20));
    }

    [Fact]
    public void Look_SwitchedOff_IsNotHigh()
    {
        Look(900);
        _watch.Share = 1;

        Assert.False(Look(2000));
        Assert.Equal(1, _collections);
    }

    [Fact]
    public void Look_ThisProcess_IsNotHighAndCollectsNothing()
    {
        var watch = new MemoryWatch(Options.Create(new ChatsOptions()), _time, NullLogger<MemoryWatch>.Instance) { Share = 0.99 };

        watch.Look();

        Assert.False(watch.IsHigh);
    }

    private bool Look(long used)
    {
        _used = used;
        _time.Advance(TimeSpan.FromSeconds(1));
        _watch.Look();
        return _watch.IsHigh;
    }

    private void Collect()
    {
        _collections++;
        if (!_inBackground)
        {
            EndCollection();
        }
    }

    private void EndCollection()
    {
        _ended++;
        _garbage = 0;
    }
}
