using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Engine.Tests.Limits;

public sealed class TurnSlotsTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly TestLimits _limits = new();
    private readonly TurnSlots _slots;
    private readonly List<(string Chat, Task<bool> Entered)> _waiting = [];

    public TurnSlotsTests() => _slots = new TurnSlots(_time, _limits);

    [Fact]
    public void TryEnter_NoLimit_AnyNumberRuns()
    {
        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.True(_slots.TryEnter()));
        Assert.Equal((10_000, 0, false), (_slots.Running, _slots.Waiting, IsFull));
    }

    [Fact]
    public void Leave_TenantsOfAllSizesWait_TakeTurnsAndSoDoTheirChats()
    {
        Limit(1, 100);
        Assert.True(_slots.TryEnter());
        foreach (var chat in new[] { "a/1", "a/2", "a/3", "a/4", "b/1", "b/2", "c/1" })
        {
            Wait(chat);
        }

        Assert.Equal("a/1 b/1 c/1 a/2 b/2 a/3 a/4", Order());
        Assert.Equal(0, _slots.Running);
    }

    [Fact]
    public void Leave_TenantGoesOnAndOn_OthersGetTheSameShare()
    {
        Limit(4, 1_000_000);
        var started = new Dictionary<string, int>();
        for (var i = 0; i < 1000; i++)
        {
            // One tenant with a hundred chats that always have more to do, one with five.
            Wait($"big/{i % 100}");
            if (i % 20 == 0)
            {
                for (var chat = 0; chat < 5; chat++)
                {
                    Wait($"small/{chat}");
                }
            }
        }

        // Of the first of those that had to wait, as many are of the one as of the other.
        for (var i = 0; i < 400; i++)
        {
            var chat = Next();
            var tenant = chat.Split('/')[0];
            started[tenant] = started.GetValueOrDefault(tenant) + 1;
        }

        Assert.InRange(started["small"], 195, 205);
        Assert.InRange(started["big"], 195, 205);
    }

    [Fact]
    public void TryEnter_OthersWait_DoesNotPassThem()
    {
        Limit(1, 100);
        _slots.TryEnter();
        Wait("a/1");

        Limit(1, 100);
        Assert.False(_slots.TryEnter());
        _slots.Leave();

        Assert.False(_slots.TryEnter());
        Assert.True(_waiting[0].Entered.IsCompleted);
    }

    [Fact]
    public void Limit_Raised_StartsWhoWaits()
    {
        Limit(1, 100);
        Wait("a/0");
        Wait("a/1");
        Wait("a/2");

        Limit(3, 100);

        Assert.Equal((3, 0), (_slots.Running, _slots.Waiting));
    }

    [Fact]
    public void Limit_Lowered_WhatRunsGoesOnAndNothingStarts()
    {
        Assert.All(Enumerable.Range(0, 5), _ => Assert.True(_slots.TryEnter()));
        Limit(2, 100);
        Wait("a/1");

        for (var running = 4; running >= 2; running--)
        {
            _slots.Leave();
            Assert.Equal((running, 1), (_slots.Running, _slots.Waiting));
        }

        _slots.Leave();
        Assert.Equal((2, 0), (_slots.Running, _slots.Waiting));
    }

    [Fact]
    public void IsFull_AsManyWaitAsMay_AndOnlyThen()
    {
        Limit(1, 2);
        foreach (var chat in new[] { "a/1", "a/2", "a/3" })
        {
            Assert.False(IsFull);
            Wait(chat);
        }

        Assert.True(IsFull);
        _slots.Leave();
        Assert.False(IsFull);
    }

    [Fact]
    public void Rejection_TurnsEndPeriodically_DelaysUntilWaitingChatsHaveStarted()
    {
        Limit(1, 100);
        _slots.TryEnter();
        for (var i = 0; i < 60; i++)
        {
            Wait($"a/{i}");
        }

        for (var i = 0; i < 50; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            _slots.Leave();
        }

        Assert.Equal(10, _slots.Waiting);
        Limit(1, 10);
        Assert.Equal(30, _slots.Rejection()!.RetryDelay!.Value.TotalSeconds, 3);
    }

    [Fact]
    public async Task Close_ChatsWait_GoHomeAndNothingStarts()
    {
        Limit(1, 100);
        _slots.TryEnter();
        Wait("a/1");

        var idle = _slots.Close();

        Assert.False(await _waiting[0].Entered);
        Assert.False(idle.IsCompleted);
        Assert.False(_slots.TryEnter());
        Assert.False(await _slots.EnterAsync(new ChatKey("a", "2")));
        _slots.Leave();
        await idle;
    }

    private bool IsFull => _slots.Rejection() is not null;

    private void Limit(int running, int queued) => _limits.Change(new() { Server = new() { ConcurrentTurns = running, MaxQueuedChats = queued } });

    private void Wait(string chat) => _waiting.Add((chat, _slots.EnterAsync(ChatKey.Parse(chat)).AsTask()));

    private string Order()
    {
        var order = new List<string>();
        while (_waiting.Count > 0)
        {
            order.Add(Next());
        }

        _slots.Leave();
        return string.Join(' ', order);
    }

    // One leaves, one starts.
    private string Next()
    {
        _waiting.RemoveAll(waiter => waiter.Entered.IsCompleted);
        _slots.Leave();
        var (chat, _) = Assert.Single(_waiting, waiter => waiter.Entered.IsCompleted);
        _waiting.RemoveAll(waiter => waiter.Entered.IsCompleted);
        return chat;
    }
}
