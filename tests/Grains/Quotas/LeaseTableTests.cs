using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Grains.Quotas;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Grains.Tests.Quotas;

public sealed class LeaseTableTests
{
    private static readonly DateOnly Day = new(2026, 1, 1);

    private readonly ManualTimeProvider _time = new();
    private readonly LeaseTable _table;

    public LeaseTableTests() => _table = new LeaseTable(_time);

    [Fact]
    public void Lease_NoLimits_AnyNumber()
    {
        var lease = _table.Lease(Request("a") with { Turns = 7, WantedStarts = 3 }, new());

        Assert.Equal((long.MaxValue, long.MaxValue, null), (lease.Turns, lease.Starts, lease.StoredBytes));
    }

    [Theory]
    [InlineData(100, 0, 1, 13)]
    [InlineData(100, 40, 2, 54)]
    [InlineData(100, 95, 3, 100)]
    [InlineData(100, 95, 50, 100)]
    [InlineData(10_000, 0, 1, 65)]
    [InlineData(4, 0, 1, 1)]
    [InlineData(0, 0, 1, 0)]
    public void Lease_OneServer_GetsWhatItNeedsAndAReserve(long limit, long turns, long waiting, long slots)
    {
        Assert.Equal(slots, Slots("a", turns, waiting, limit));
    }

    [Fact]
    public void Lease_SeveralServers_NeverGetMoreThanTheLimitTogether()
    {
        Assert.Equal(72, Slots("a", 0, 60, 100));
        Assert.Equal(28, Slots("b", 0, 60, 100));
        Assert.Equal(0, Slots("c", 0, 60, 100));
    }

    [Fact]
    public void Lease_AnotherIsShort_NoServerKeepsMoreThanItsShare()
    {
        Slots("a", 0, 100, 100);
        Assert.Equal(0, Slots("b", 0, 80, 100));

        Assert.Equal(50, Slots("a", 100, 10, 100));
        Assert.Equal(0, Slots("b", 0, 80, 100));
        Assert.Equal(50, Slots("a", 60, 10, 100));
        Assert.Equal(40, Slots("b", 0, 80, 100));
        Assert.Equal(50, Slots("a", 50, 10, 100));
        Assert.Equal(50, Slots("b", 40, 80, 100));
    }

    [Fact]
    public void Lease_OnesShareIsNotNeeded_TheOtherGetsIt()
    {
        Slots("a", 0, 100, 100);
        Slots("b", 0, 10, 100);
        Slots("a", 80, 0, 100);

        Assert.Equal(10, Slots("b", 0, 10, 100));
        Assert.Equal(90, Slots("a", 80, 20, 100));
    }

    [Fact]
    public void Lease_TurnsBeyondALoweredLimit_AreAFactAndNoServerGetsMore()
    {
        Slots("a", 0, 80, 100);

        Assert.Equal(50, Slots("a", 80, 1, 50));
        Assert.Equal(0, Slots("b", 0, 1, 50));
        Assert.Equal(25, Slots("a", 30, 0, 50));
        Assert.Equal(1, Slots("b", 0, 1, 50));
    }

    [Fact]
    public void Lease_ServerIsGone_ItsPartIsFreeAfterTheLifetime()
    {
        Slots("a", 0, 100, 100);
        _time.Advance(LeaseTable.Lifetime - TimeSpan.FromTicks(1));
        Assert.Equal(0, Slots("b", 0, 30, 100));

        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(42, Slots("b", 0, 30, 100));
    }

    [Fact]
    public void Lease_Release_FreesAtOnce()
    {
        Slots("a", 0, 100, 100);
        _table.Lease(Request("a") with { Release = true }, Limits(100));

        Assert.Equal(100, Slots("b", 0, 100, 100));
    }

    [Fact]
    public void Lease_LimitComesUpLater_CountsWhatRuns()
    {
        _table.Lease(Request("a") with { Turns = 90 }, new());

        Assert.Equal(10, Slots("b", 0, 30, 100));
    }

    [Fact]
    public void Lease_TurnsAMinute_AsManyAtOnceAndThenAtTheRate()
    {
        Assert.Equal((50, 0), Turns(50, 60));
        Assert.Equal((10, 1), Turns(20, 60));
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal((0, 0.75), Turns(1, 60));
        _time.Advance(TimeSpan.FromMilliseconds(750));
        Assert.Equal((1, 0), Turns(1, 60));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((60, 1), Turns(500, 60));
    }

    [Fact]
    public void Lease_TurnsAMinute_OverAnyTimeNeverMoreThanTheRateAndOneBucket()
    {
        var random = new Random(7);
        var (taken, start) = (0L, _time.GetTimestamp());
        for (var i = 0; i < 2000; i++)
        {
            taken += Turns(random.Next(20), 120).Taken;
            Assert.InRange(taken, 0, 120 + (_time.GetElapsedTime(start).TotalMinutes * 120) + 0.001);
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(3000)));
        }
    }

    [Fact]
    public void Lease_TurnsGivenBack_AreThereAgain()
    {
        Turns(60, 60);
        var lease = _table.Lease(Request("a") with { ReturnedStarts = 20 }, Rate(60));
        Assert.Equal(0, lease.Starts);

        Assert.Equal((20, 1), Turns(30, 60));
    }

    [Fact]
    public void Lease_RateIsLoweredAndRaised_HoldsFromThen()
    {
        Assert.Equal((10, 0), Turns(10, 600));
        Assert.Equal((6, 10), Turns(10, 6));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((60, 0), Turns(60, 3600));
    }

    [Fact]
    public void Lease_RateOfNone_SaysToComeInAMinute()
    {
        Assert.Equal((0, 60), Turns(1, 0));
    }

    [Fact]
    public void Lease_Tokens_AreThoseOfTheOthersOnThatDay()
    {
        _table.SetTokens(Day, new Dictionary<string, long> { ["gone"] = 5, ["a"] = 100 });

        Assert.Equal(5, Tokens("a", 40));
        Assert.Equal(105, Tokens("b", 1));
        Assert.Equal(6, Tokens("a", 200));
        Assert.Equal(205, Tokens("b", 1));
    }

    [Fact]
    public void Lease_NextDay_TokensStartFromNothing()
    {
        Tokens("a", 40);
        Assert.Equal(0, Tokens("b", 7, Day.AddDays(1)));

        Assert.Equal(7, Tokens("a", 0, Day.AddDays(1)));
        Assert.Equal(7, Tokens("a", 50, Day));
        Assert.Equal(0, Tokens("b", 7, Day.AddDays(1)));
    }

    [Fact]
    public void Lease_Bytes_AddUpOnceCounted()
    {
        var none = _table.Lease(Request("a") with { AddedBytes = 10 }, new());
        _table.StoredBytes = 1000;
        _table.Lease(Request("a") with { AddedBytes = 10 }, new());
        var lease = _table.Lease(Request("b") with { AddedBytes = -500 }, new());

        Assert.Null(none.StoredBytes);
        Assert.Equal(510, lease.StoredBytes);
    }

    private static LeaseRequest Request(string server) => new(server, Day: Day);

    private static TenantLimits Limits(long turns) => new() { ConcurrentTurns = turns };

    private static TenantLimits Rate(long turns) => new() { TurnsPerMinute = turns };

    private long Slots(string owner, long turns, long waiting, long limit) =>
        _table.Lease(Request(owner) with { Turns = turns, Waiting = waiting }, Limits(limit)).Turns;

    private (long Taken, double NextSeconds) Turns(long wanted, long limit)
    {
        var lease = _table.Lease(Request("a") with { WantedStarts = wanted }, Rate(limit));
        return (lease.Starts, Math.Round(lease.NextStart.TotalSeconds, 6));
    }

    private long Tokens(string owner, long tokens, DateOnly? day = null) =>
        _table.Lease(Request(owner) with { Tokens = tokens, Day = day ?? Day }, new()).TokensElsewhere;
}
