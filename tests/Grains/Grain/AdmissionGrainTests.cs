using GenAI.Chats.Engine.Admission;
using GenAI.Chats.Engine.Errors;
using Google.Rpc;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Grains.Tests.Grain;

/// <summary>Limits between grains: claims cross to the tenant's, and a refusal back to the caller.</summary>
public sealed class AdmissionGrainTests : IAsyncLifetime
{
    private static readonly DateOnly Day = new(2026, 1, 1);

    private readonly ChatCluster _cluster = new();

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task SendAsync_OverTheLimit_SaysWhyAndColdChatsAreNotKept()
    {
        var limits = _cluster.Services.GetRequiredService<AdmissionLimits>();
        var (first, cold) = (await _cluster.NewChatAsync(), await _cluster.NewChatAsync());
        await _cluster.DeactivateAsync(cold);
        limits.Change(new() { Default = new() { ConcurrentTurns = 1 } });
        await first.SendAsync("u1");
        var call = await _cluster.Model.NextCallAsync();

        var failure = await Assert.ThrowsAsync<ChatException>(() => cold.SendAsync("u1"));

        Assert.Equal(
            (Code.ResourceExhausted, "TENANT_CONCURRENT_TURNS", "ConcurrentTurns", "1"), (failure.Code, failure.Reason, failure.Metadata["limit"], failure.Metadata["limit_value"]));
        Assert.True(failure.RetryDelay > TimeSpan.Zero);
        await _cluster.WaitForDeactivationAsync(cold);
        await Assert.ThrowsAsync<ChatException>(() => first.SendAsync("u2"));
        Assert.True(_cluster.IsActive(first));
        call.Finish("m1");
    }

    [Fact]
    public async Task Precheck_TenantIsOverItsLimit_RefusesWithoutItsChatUnlessItMayBeARetry()
    {
        var limits = _cluster.Services.GetRequiredService<AdmissionLimits>();
        var admission = _cluster.Services.GetRequiredService<TurnAdmission>();
        limits.Change(new() { Default = new() { TurnsPerMinute = 1 } });
        Assert.Null(admission.Precheck("default", mayBeKnown: false));
        var chat = await _cluster.NewChatAsync();
        await chat.SendAsync("u1", "first");
        await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u2"));

        Assert.Equal("TENANT_TURNS_PER_MINUTE", Assert.Throws<ChatException>(() => admission.Precheck("default", mayBeKnown: false)).Reason);
        var lookups = Enumerable.Range(0, Lookups.MaxAtOnce).Select(_ => admission.Precheck("default", mayBeKnown: true)).ToList();
        Assert.Throws<ChatException>(() => admission.Precheck("default", mayBeKnown: true));
        Assert.Null(admission.Precheck("other", mayBeKnown: false));
        lookups.ForEach(lookup => lookup!.Dispose());
        using var again = admission.Precheck("default", mayBeKnown: true);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task ClaimAsync_AsAServerOfTheClusterWould_SharesTheLimits()
    {
        _cluster.Services.GetRequiredService<AdmissionLimits>().Change(
            new() { Default = new() { ConcurrentTurns = 10, TurnsPerMinute = 60, TokensPerDay = 100, StoredBytes = 1000 } });
        var tenant = _cluster.Tenant("claims");

        var first = await tenant.ClaimAsync(new() { Owner = "a", Turns = 4, WantedTurns = 40, Day = Day, Tokens = 7 });
        var second = await tenant.ClaimAsync(new() { Owner = "b", Waiting = 20, WantedTurns = 40, Day = Day, GrownBytes = 5 });

        Assert.Equal(new TenantGrant { Slots = 5, Turns = 40, StoredBytes = 0 }, first);
        Assert.Equal((5, 20, 7, 5), (second.Slots, second.Turns, second.TokensElsewhere, second.StoredBytes));
        Assert.InRange(second.NextTurn, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
    }
}
