using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Grains.Quotas;
using Google.Rpc;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Grains.Tests.Grain;

/// <summary>Quotas between grains: lease requests reach the tenant's grain, and rejections the caller.</summary>
public sealed class QuotaGrainTests : IAsyncLifetime
{
    private static readonly DateOnly Day = new(2026, 1, 1);

    private readonly ChatCluster _cluster = new();

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task SendAsync_OverTheLimit_SaysWhyAndColdChatsAreNotKept()
    {
        var (first, cold) = (await _cluster.NewChatAsync(), await _cluster.NewChatAsync());
        await _cluster.DeactivateAsync(cold);
        _cluster.Limit(("Default:ConcurrentTurns", 1));
        await first.SendAsync("u1");
        var call = await _cluster.Model.NextCallAsync();

        var failure = await Assert.ThrowsAsync<ChatException>(() => cold.SendAsync("u1"));

        Assert.Equal(
            (Code.ResourceExhausted, "TENANT_CONCURRENT_TURNS", "ConcurrentTurns", "1"),
            (failure.Code, failure.Reason, failure.Metadata["limit"], failure.Metadata["limit_value"]));
        Assert.True(failure.RetryDelay > TimeSpan.Zero);
        await _cluster.WaitForDeactivationAsync(cold);
        await Assert.ThrowsAsync<ChatException>(() => first.SendAsync("u2"));
        Assert.True(_cluster.IsActive(first));
        call.Finish("m1");
    }

    [Fact]
    public async Task Check_TenantOverItsLimit_RejectsWithoutItsChatUnlessItMayBeARetry()
    {
        var quotas = _cluster.Services.GetRequiredService<ITenantQuotas>();
        _cluster.Limit(("Default:TurnsPerMinute", 1));
        Assert.Null(quotas.Check("default", mayBeRetry: false));
        var chat = await _cluster.NewChatAsync();
        await chat.SendAsync("u1", "first");
        await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u2"));

        Assert.Equal("TENANT_TURNS_PER_MINUTE", Assert.Throws<ChatException>(() => quotas.Check("default", mayBeRetry: false)).Reason);
        var retries = Enumerable.Range(0, TenantQuota.MaxPassedOn).Select(_ => quotas.Check("default", mayBeRetry: true)).ToList();
        Assert.Throws<ChatException>(() => quotas.Check("default", mayBeRetry: true));
        Assert.Null(quotas.Check("other", mayBeRetry: false));
        retries.ForEach(retry => retry!.Dispose());
        using var again = quotas.Check("default", mayBeRetry: true);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task LeaseAsync_AsAServerOfTheClusterWould_SharesTheLimits()
    {
        _cluster.Limit(("Default:ConcurrentTurns", 10), ("Default:TurnsPerMinute", 3), ("Default:TokensPerDay", 100), ("Default:StoredBytes", 1000));
        var tenant = _cluster.Tenant("claims");

        var first = await tenant.LeaseAsync(new("a") { Turns = 4, WantedStarts = 2, Day = Day, Tokens = 7 });
        var second = await tenant.LeaseAsync(new("b") { Waiting = 20, WantedStarts = 2, Day = Day, AddedBytes = 5 });

        Assert.Equal(new Lease(5, 2, TimeSpan.Zero, 0, 0), first);
        Assert.Equal((5, 1, 7, 5), (second.Turns, second.Starts, second.TokensElsewhere, second.StoredBytes));
        Assert.InRange(second.NextStart, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(20));
    }
}
