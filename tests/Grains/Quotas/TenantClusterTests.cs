using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Grains.Quotas;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Grains.Tests.Quotas;

/// <summary>A tenant's limits over several servers, some of which are lost.</summary>
public sealed class TenantClusterTests
{
    private readonly ChatWorld _world = new();
    private readonly TestLeases _leases;
    private int _chats;

    public TenantClusterTests() => _leases = TestLeases.Add(_world);

    [Fact]
    public async Task AcceptAsync_TwoServers_TogetherNeverMoreThanTheLimit()
    {
        Limit(new() { ConcurrentTurns = 20 });
        var servers = new[] { _world.NewServer(), _world.NewServer() };

        var accepted = 0;
        for (var i = 0; i < 40; i++)
        {
            accepted += await TrySendAsync(servers[i % 2]) is null ? 1 : 0;
        }

        // What one server holds in reserve is not there for the other, until both have claimed again.
        Assert.InRange(accepted, 16, 20);
        for (var round = 0; round < 3; round++)
        {
            await AdvanceAsync(LeaseTable.RenewInterval, servers);
            accepted += await TrySendAsync(servers[0]) is null ? 1 : 0;
            accepted += await TrySendAsync(servers[1]) is null ? 1 : 0;
            accepted += await TrySendAsync(servers[0]) is null ? 1 : 0;
            accepted += await TrySendAsync(servers[1]) is null ? 1 : 0;
        }

        Assert.Equal(20, accepted);
        Assert.Equal(20, servers.Sum(server => server.State.Slots.Running));
    }

    [Fact]
    public async Task AcceptAsync_ServerIsLost_ItsPartIsThereForOthersAfterItsLease()
    {
        Limit(new() { ConcurrentTurns = 4 });
        var (lost, other) = (_world.NewServer(), _world.NewServer());
        for (var i = 0; i < 4; i++)
        {
            Assert.Null(await TrySendAsync(lost));
        }

        Assert.Equal("TENANT_CONCURRENT_TURNS", await TrySendAsync(other));
        await AdvanceAsync(LeaseTable.Lifetime, other);
        Assert.Null(await TrySendAsync(other));
    }

    [Fact]
    public async Task AcceptAsync_ManyTurns_AskFarLessOftenThanTheyAre()
    {
        Limit(new() { ConcurrentTurns = 1000, TurnsPerMinute = 60_000 });
        var server = _world.NewServer();
        _world.Model.Answer = _ => [Messages.Chunk("m", "STOP")];
        var chat = await NewChatAsync(server);

        for (var i = 0; i < 2000; i++)
        {
            await chat.EndOfAsync((await chat.SendAsync("u")).TurnId);
            if (i % 100 == 0)
            {
                await AdvanceAsync(LeaseTable.RenewInterval, server);
            }
        }

        Assert.InRange(_leases.Requests, 2, 120);
    }

    [Fact]
    public async Task AcceptAsync_GrainUnreachable_UsesItsLeaseThenEnforcesLimitsLocally()
    {
        Limit(new() { ConcurrentTurns = 16 });
        var (server, other) = (_world.NewServer(), _world.NewServer());
        Assert.Null(await TrySendAsync(server));
        Assert.Null(await TrySendAsync(other));
        _leases.AreUnreachable = true;

        // One is used, and two are held in reserve.
        Assert.Null(await TrySendAsync(server));
        Assert.Null(await TrySendAsync(server));
        Assert.Equal("TENANT_CONCURRENT_TURNS", await TrySendAsync(server));

        // Then it is as if there were no other server.
        await AdvanceAsync(LeaseTable.Lifetime, server);
        for (var i = 3; i < 16; i++)
        {
            Assert.Null(await TrySendAsync(server));
        }

        Assert.Equal("TENANT_CONCURRENT_TURNS", await TrySendAsync(server));

        // Until the grain can be reached again.
        _leases.AreUnreachable = false;
        await AdvanceAsync(LeaseTable.RenewInterval, server, other);
        Assert.Equal("TENANT_CONCURRENT_TURNS", await TrySendAsync(other));
    }

    [Fact]
    public async Task AcceptAsync_GrainDoesNotAnswer_WaitsTwoSeconds()
    {
        Limit(new() { TurnsPerMinute = 6 });
        _leases.Before = () => Task.Delay(Timeout.Infinite);
        var server = _world.NewServer();
        var chat = await NewChatAsync(server);

        var send = chat.SendAsync("u1");
        await _world.Time.WaitForTimerAsync(TimeSpan.FromSeconds(2));
        _world.Time.Advance(TimeSpan.FromSeconds(2));

        await send;
    }

    [Fact]
    public async Task AcceptAsync_GrainActivatesAgain_LearnsLeasesFromRenewals()
    {
        Limit(new() { ConcurrentTurns = 4 });
        var (server, other) = (_world.NewServer(), _world.NewServer());
        for (var i = 0; i < 4; i++)
        {
            Assert.Null(await TrySendAsync(server));
        }

        _leases.Forget();
        await AdvanceAsync(LeaseTable.RenewInterval, server);

        Assert.Equal("TENANT_CONCURRENT_TURNS", await TrySendAsync(other));
    }

    [Fact]
    public async Task TakeOver_TurnsOfALostServer_RunWhateverTheLimit()
    {
        Limit(new() { ConcurrentTurns = 1 });
        var (lost, other) = (_world.NewServer(), _world.NewServer());
        await TrySendAsync(lost);
        await _world.Model.NextCallAsync();
        lost.Leave();
        Assert.Equal("TENANT_CONCURRENT_TURNS", await TrySendAsync(other));

        var chat = await other.OpenAsync("chat-1");

        var call = await _world.Model.NextCallAsync();
        await AdvanceAsync(LeaseTable.Lifetime, other);
        Assert.Equal("TENANT_CONCURRENT_TURNS", await TrySendAsync(other));
        call.Finish("m");
        Assert.True((await chat.GetAsync()).TurnCount <= 1);
    }

    [Fact]
    public async Task AcceptAsync_TokensADay_AreThoseOfAllServersAndOutliveThem()
    {
        Limit(new() { TokensPerDay = 100 });
        _world.Model.Answer = _ => [Used(30)];
        var servers = new[] { _world.NewServer(), _world.NewServer() };
        Assert.Null(await TrySendAsync(servers[0]));
        Assert.Null(await TrySendAsync(servers[1]));
        await AdvanceAsync(LeaseTable.RenewInterval, servers);
        Assert.Null(await TrySendAsync(servers[0]));
        Assert.Null(await TrySendAsync(servers[0]));
        await AdvanceAsync(LeaseTable.RenewInterval, servers);

        Assert.Equal("TENANT_TOKENS_PER_DAY", await TrySendAsync(servers[1]));
        _leases.Forget();
        var started = _world.NewServer();
        Assert.Equal("TENANT_TOKENS_PER_DAY", await TrySendAsync(started));

        // The next day in UTC is a new one; to its beginning was the delay.
        var failure = await Assert.ThrowsAsync<ChatException>(async () => await (await NewChatAsync(started)).SendAsync("u"));
        Assert.Equal(TimeSpan.FromDays(1) - _world.Time.GetUtcNow().TimeOfDay, failure.RetryDelay);
        _world.Time.Advance(failure.RetryDelay!.Value);
        Assert.Null(await TrySendAsync(started));
    }

    [Fact]
    public async Task Tick_ThousandTenants_AreForgottenWhenTheyAreIdle()
    {
        Limit(new() { ConcurrentTurns = 5, TurnsPerMinute = 100 });
        var server = _world.NewServer();
        _world.Model.Answer = _ => [Messages.Chunk("m", "STOP")];
        for (var i = 0; i < 1000; i++)
        {
            var chat = await NewChatAsync(server, $"tenant-{i}");
            await chat.EndOfAsync((await chat.SendAsync("u")).TurnId);
            await chat.CloseAsync();
        }

        Assert.Equal(1000, ((TenantQuotas)server.Quotas).Count);
        await AdvanceAsync(LeaseTable.RenewInterval, server);
        Assert.Equal(1000, ((TenantQuotas)server.Quotas).Count);
        await AdvanceAsync(LeaseTable.Lifetime, server);
        await AdvanceAsync(LeaseTable.RenewInterval, server);

        Assert.Equal(0, ((TenantQuotas)server.Quotas).Count);
    }

    private static GenerateContentResponse Used(int tokens)
    {
        var chunk = Messages.Chunk("m", "STOP");
        chunk.UsageMetadata = new UsageMetadata { TotalTokenCount = tokens };
        return chunk;
    }

    private void Limit(TenantLimits limits) => _world.Limits.Change(new() { Default = limits });

    private async Task<TestSession> NewChatAsync(TestServer server, string tenant = ChatWorld.Tenant)
    {
        var session = await server.OpenAsync($"chat-{Interlocked.Increment(ref _chats)}", tenant);
        await session.CreateAsync(ChatWorld.Creation());
        return session;
    }

    // In a chat of its own; null, or the reason why not. A model that answers at once has done so then.
    private async Task<string?> TrySendAsync(TestServer server)
    {
        var chat = await NewChatAsync(server);
        try
        {
            var turn = await chat.SendAsync("u");
            if (_world.Model.Answer is not null)
            {
                await chat.EndOfAsync(turn.TurnId);
            }

            return null;
        }
        catch (ChatException refused)
        {
            return refused.Reason;
        }
    }

    private async Task AdvanceAsync(TimeSpan time, params TestServer[] servers)
    {
        _world.Time.Advance(time);
        foreach (var server in servers)
        {
            var quotas = (TenantQuotas)server.Quotas;
            await quotas.RenewAsync();
            await quotas.Tokens.SaveAsync();
        }
    }
}
