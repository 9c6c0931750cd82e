using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Tests.Limits;

public sealed class MemoryMonitorTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly TestLimits _limits = new(new() { Server = new() { MaxMemoryUtilization = 0.8, CriticalMemoryUtilization = 1 } });
    private readonly TestIdleChats _chats = new();
    private readonly MemoryMonitor _monitor;
    private long _used;
    private long _garbage;
    private int _collections;
    private int _ended;
    private bool _inBackground;

    public MemoryMonitorTests() =>
        _monitor = new MemoryMonitor(_limits, _chats, () => new MemoryUse(_used + _garbage, 1000, _ended), Collect, _time, NullLogger.Instance);

    [Fact]
    public void Measure_RisesAndFalls_HasSlack()
    {
        Assert.False(Look(799));
        Assert.True(Look(800));
        Assert.True(Look(750));
        Assert.False(Look(749));
        Assert.False(Look(799));
    }

    [Fact]
    public void Measure_IsGarbageMostly_IsCollectedAndNotHigh()
    {
        _garbage = 300;

        Assert.False(Look(700));
        Assert.Equal((0, 1), (_garbage, _collections));
    }

    [Fact]
    public void Measure_StaysHigh_CollectsNowAndThen()
    {
        for (var i = 0; i < 25; i++)
        {
            Assert.True(Look(900));
        }

        Assert.Equal(3, _collections);
    }

    [Fact]
    public void Measure_JustCollected_IsHighOnlyAfterAnotherCollection()
    {
        _garbage = 300;
        Look(700);
        _garbage = 300;

        Assert.False(Look(700));
        Assert.Equal(1, _collections);
    }

    [Fact]
    public void Measure_CollectionRunsInTheBackground_IsHighOnlyWhenItHasEnded()
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
    public void Measure_Critical_AllowsSmallerAndSmallerResponses()
    {
        _limits.Change(new() { Server = new() { MaxMemoryUtilization = 0.8, CriticalMemoryUtilization = 0.9 } });
        Look(899);
        Assert.Equal(long.MaxValue, _monitor.MaxResponseBytes);

        var allowed = Enumerable.Range(0, 6).Select(_ =>
        {
            Look(900);
            return _monitor.MaxResponseBytes >> 10;
        });

        Assert.Equal([16384, 4096, 1024, 256, 64, 64], allowed);
        Look(899);
        Assert.Equal(long.MaxValue, _monitor.MaxResponseBytes);
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
    public void Measure_SwitchedOff_IsNotHigh()
    {
        Look(900);
        _limits.Change(new() { Server = new() { MaxMemoryUtilization = 1 } });

        Assert.False(Look(2000));
        Assert.Equal(1, _collections);
    }

    [Fact]
    public void Measure_ThisProcess_IsNotHighAndCollectsNothing()
    {
        _limits.Change(new() { Server = new() { MaxMemoryUtilization = 0.99 } });
        using var monitor = new MemoryMonitor(_limits, _chats, Options.Create(new ChatsOptions()), _time, NullLogger<MemoryMonitor>.Instance);

        monitor.Measure();

        Assert.False(monitor.IsHigh);
    }

    [Fact]
    public async Task Run_StaysHigh_RemovesIdleChatsEveryFiveSecondsEvenIfThatFails()
    {
        _used = 900;
        await _monitor.StartAsync(CancellationToken.None);

        for (var sheds = 1; sheds <= 3; sheds++)
        {
            while (_chats.Sheds < sheds)
            {
                _time.Advance(TimeSpan.FromMilliseconds(250));
                await Task.Yield();
            }
        }

        await _monitor.StopAsync(CancellationToken.None);
        Assert.True(_monitor.IsHigh);
        Assert.Equal(TimeSpan.FromSeconds(5), _chats.IdleFor);
    }

    public void Dispose() => _monitor.Dispose();

    private bool Look(long used)
    {
        _used = used;
        _time.Advance(TimeSpan.FromSeconds(1));
        _monitor.Measure();
        return _monitor.IsHigh;
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
