using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

public abstract partial class ChatStoreConformance
{
    private static readonly DateOnly Day = new(2026, 3, 1);

    [Fact]
    public async Task ReadUsage_NothingKept_IsEmpty()
    {
        Assert.Empty(await UsageAsync("default"));
    }

    [Fact]
    public async Task KeepUsage_SeveralTenantsDaysAndProcesses_AreKeptApart()
    {
        await Store.KeepUsageAsync(Used(Make.Owner, Day, ("default", 10), ("Default", 20), ("ünïcode", long.MaxValue)));
        await Store.KeepUsageAsync(Used(OtherOwner, Day, ("default", 3)));
        await Store.KeepUsageAsync(Used(Make.Owner, Day.AddDays(1), ("default", 4)));

        Assert.Equal(new() { [Make.Owner] = 10, [OtherOwner] = 3 }, await UsageAsync("default"));
        Assert.Equal(new() { [Make.Owner] = 20 }, await UsageAsync("Default"));
        Assert.Equal(new() { [Make.Owner] = long.MaxValue }, await UsageAsync("ünïcode"));
        Assert.Equal(new() { [Make.Owner] = 4 }, await UsageAsync("default", Day.AddDays(1)));
        Assert.Empty(await UsageAsync("default", Day.AddDays(-1)));
    }

    [Fact]
    public async Task KeepUsage_AgainOrTooLate_TheHighestCountStays()
    {
        foreach (var tokens in new[] { 0, 7, 7, 12, 9 })
        {
            await Store.KeepUsageAsync(Used(Make.Owner, Day, ("default", tokens)));
        }

        Assert.Equal(new() { [Make.Owner] = 12 }, await UsageAsync("default"));
    }

    [Fact]
    public async Task KeepUsage_AfterAMonth_ForgetsTheDay()
    {
        await Store.KeepUsageAsync(Used(Make.Owner, Day, ("default", 1)));
        await Store.KeepUsageAsync(Used(OtherOwner, Day.AddDays(35), ("default", 2)));
        Assert.Equal(new() { [Make.Owner] = 1 }, await UsageAsync("default"));

        await Store.KeepUsageAsync(Used(OtherOwner, Day.AddDays(36)));

        Assert.Empty(await UsageAsync("default"));
        Assert.Equal(new() { [OtherOwner] = 2 }, await UsageAsync("default", Day.AddDays(35)));
    }

    [Fact]
    public async Task KeepUsage_ManyTenantsAtOnce_AllAreKept()
    {
        var tenants = Enumerable.Range(0, 1000).Select(i => ($"tenant-{i}", (long)i)).ToArray();

        await Task.WhenAll(new[] { Make.Owner, OtherOwner, "owner-c" }.Select(owner => Store.KeepUsageAsync(Used(owner, Day, tenants))));

        foreach (var (tenant, tokens) in tenants.Where((_, i) => i % 100 == 99))
        {
            Assert.Equal(new() { [Make.Owner] = tokens, [OtherOwner] = tokens, ["owner-c"] = tokens }, await UsageAsync(tenant));
        }
    }

    [Fact]
    public async Task SumStoredBytes_ChatsComeGrowAndGo_IsWhatTheTenantsChatsHave()
    {
        Assert.Equal(0, await Store.SumStoredBytesAsync("default", CancellationToken.None));
        await CreateAsync(Make.Ended(1, revision: 1), Make.Running(2));
        await Store.EndAsync(Key, Make.End(2, revision: 1));
        await Store.CreateAsync(Make.Create(Make.Key("second")));
        await Store.CreateAsync(Make.Create(Make.Key("chat", "other")));

        var grown = (await LoadAsync()).Chat.StoredBytes;
        Assert.True(grown > 17);
        Assert.Equal(grown + 17, await Store.SumStoredBytesAsync("default", CancellationToken.None));
        Assert.Equal(17, await Store.SumStoredBytesAsync("other", CancellationToken.None));
        await Store.DeleteAsync(Key);

        Assert.Equal(17, await Store.SumStoredBytesAsync("default", CancellationToken.None));
    }

    private static UsageStep Used(string owner, DateOnly day, params (string Tenant, long Tokens)[] tokens) =>
        new(owner, day, tokens.ToDictionary(count => count.Tenant, count => count.Tokens));

    private async Task<Dictionary<string, long>> UsageAsync(string tenant, DateOnly? day = null) =>
        new(await Store.ReadUsageAsync(tenant, day ?? Day, CancellationToken.None));
}
