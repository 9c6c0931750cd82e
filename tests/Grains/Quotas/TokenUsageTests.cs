using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Grains.Quotas;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Grains.Tests.Quotas;

public sealed class TokenUsageTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly StoreProxy _store;
    private readonly WarningLog _log = new();
    private readonly TokenUsage _usage;
    private readonly ServerState _server = new();
    private int _steps;

    public TokenUsageTests()
    {
        _store = new StoreProxy(new InMemoryChatStore(_time));
        _store.Around = (name, call) =>
        {
            _steps += name == nameof(ITenantUsageStore.KeepUsageAsync) ? 1 : 0;
            return call();
        };
        _usage = new TokenUsage(_store, _server, _time, new Logger<TokenUsage>(new LoggerFactory([_log])));
    }

    [Fact]
    public async Task Save_ManyTenants_OneStepAndNoneWithoutNews()
    {
        for (var i = 0; i < 500; i++)
        {
            _usage.Add($"tenant-{i % 50}", i);
        }

        await _usage.SaveAsync();
        await _usage.SaveAsync();

        Assert.Equal(1, _steps);
        Assert.Equal(_usage.Of("tenant-7"), await KeptAsync("tenant-7"));
        _usage.Add("tenant-7", 1000);
        await _usage.SaveAsync();
        Assert.Equal((2, _usage.Of("tenant-7")), (_steps, await KeptAsync("tenant-7")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Save_StoreFails_IsKeptOnceTheNextTime(bool afterwards)
    {
        _usage.Add("a", 5);
        _store.FailOnce(nameof(ITenantUsageStore.KeepUsageAsync), afterwards);
        await _usage.SaveAsync();
        Assert.Single(_log.Warnings);
        _usage.Add("a", 2);

        await _usage.SaveAsync();

        Assert.Equal(7, await KeptAsync("a"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Save_DayIsOver_WhatIsLeftOfItIsKeptAndTheNewOneStartsFromNothing(bool fails)
    {
        _usage.Add("a", 5);
        var day = _usage.Today;
        if (fails)
        {
            _store.FailOnce(nameof(ITenantUsageStore.KeepUsageAsync), afterwards: false);
            await _usage.SaveAsync();
        }

        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, _usage.Of("a"));
        _usage.Add("a", 3);
        await _usage.SaveAsync();

        Assert.Equal(5, await KeptAsync("a", day));
        Assert.Equal(3, await KeptAsync("a"));
    }

    public void Dispose()
    {
        _log.Dispose();
        _server.Dispose();
    }

    private async Task<long> KeptAsync(string tenant, DateOnly? day = null) =>
        (await _store.ReadUsageAsync(tenant, day ?? _usage.Today, CancellationToken.None))[_server.Owner];
}
