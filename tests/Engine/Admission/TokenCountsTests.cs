using GenAI.Chats.Engine.Admission;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Engine.Tests.Admission;

public sealed class TokenCountsTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly StoreProxy _store;
    private readonly WarningLog _log = new();
    private readonly TokenCounts _counts;
    private int _steps;

    public TokenCountsTests()
    {
        _store = new StoreProxy(new InMemoryChatStore(_time));
        _store.Around = (name, call) =>
        {
            _steps += name == nameof(ITenantUsageStore.KeepUsageAsync) ? 1 : 0;
            return call();
        };
        _counts = new TokenCounts(_store, "owner", _time, _log);
    }

    [Fact]
    public async Task Keep_ManyTenants_OneStepAndNoneWithoutNews()
    {
        for (var i = 0; i < 500; i++)
        {
            _counts.Add($"tenant-{i % 50}", i);
        }

        await _counts.KeepAsync();
        await _counts.KeepAsync();

        Assert.Equal(1, _steps);
        Assert.Equal(_counts.Of("tenant-7"), await KeptAsync("tenant-7"));
        _counts.Add("tenant-7", 1000);
        await _counts.KeepAsync();
        Assert.Equal((2, _counts.Of("tenant-7")), (_steps, await KeptAsync("tenant-7")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keep_StoreFails_IsKeptOnceTheNextTime(bool afterwards)
    {
        _counts.Add("a", 5);
        _store.FailOnce(nameof(ITenantUsageStore.KeepUsageAsync), afterwards);
        await _counts.KeepAsync();
        Assert.Single(_log.Warnings);
        _counts.Add("a", 2);

        await _counts.KeepAsync();

        Assert.Equal(7, await KeptAsync("a"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keep_DayIsOver_WhatIsLeftOfItIsKeptAndTheNewOneStartsFromNothing(bool fails)
    {
        _counts.Add("a", 5);
        var day = _counts.Today;
        if (fails)
        {
            _store.FailOnce(nameof(ITenantUsageStore.KeepUsageAsync), afterwards: false);
            await _counts.KeepAsync();
        }

        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, _counts.Of("a"));
        _counts.Add("a", 3);
        await _counts.KeepAsync();

        Assert.Equal(5, await KeptAsync("a", day));
        Assert.Equal(3, await KeptAsync("a"));
    }

    public void Dispose() => _log.Dispose();

    private async Task<long> KeptAsync(string tenant, DateOnly? day = null) =>
        (await _store.ReadUsageAsync(tenant, day ?? _counts.Today, CancellationToken.None))["owner"];
}
