using GenAI.Chats.Grains.Admission;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Grains.Tests.Admission;

public sealed class MemoryWatchTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly MemoryWatch _watch;
    private long _used;
    private long _garbage;
    private int _collections;

    public MemoryWatchTests() => _watch = new MemoryWatch(() => new MemoryUse(_used + _garbage, 1000), Collect, _time, NullLogger.Instance) { Share = 0.8 };

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
        var watch = new MemoryWatch(_time, NullLogger<MemoryWatch>.Instance) { Share = 0.99 };

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
        _garbage = 0;
    }
}
