using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Engine.Tests.Expiry;

/// <summary>The expire times of chats that several servers use.</summary>
public sealed class ExpiryTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly ChatWorld _world = new();

    private DateTimeOffset Now => _world.Time.GetUtcNow();

    [Theory]
    [InlineData(5)]
    [InlineData(300)]
    public async Task Turn_TtlChangesOnAnotherServer_TurnExtendsByTheNewTtl(int minutes)
    {
        var ttl = TimeSpan.FromMinutes(minutes);
        var (chat, turnId, call) = await StartTurnAsync();
        await UpdateElsewhereAsync(new Chat { Ttl = Duration.FromTimeSpan(ttl) }, "ttl");
        _world.Time.Advance(TimeSpan.FromMinutes(2));

        call.Finish("m1");

        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turnId)).State);
        Assert.Equal(Now + ttl, (await _world.LoadAsync()).Chat.ExpireTime);
    }

    [Fact]
    public async Task Turn_ExpireTimeIsSetOnAnotherServer_TurnLeavesIt()
    {
        var (chat, turnId, call) = await StartTurnAsync();
        var expireTime = Now + TimeSpan.FromMinutes(3);
        await UpdateElsewhereAsync(new Chat { ExpireTime = expireTime.ToTimestamp() }, "expire_time");

        call.Finish("m1");

        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turnId)).State);
        Assert.Equal(expireTime, (await _world.LoadAsync()).Chat.ExpireTime);
    }

    [Fact]
    public async Task Turn_TtlIsRemovedOnAnotherServer_ChatDoesNotExpire()
    {
        var (chat, turnId, call) = await StartTurnAsync();
        await UpdateElsewhereAsync(new Chat(), "ttl");

        call.Finish("m1");

        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turnId)).State);
        Assert.Null((await _world.LoadAsync()).Chat.ExpireTime);
    }

    [Fact]
    public async Task Turn_TtlIsSetOnAnotherServer_TurnExtendsByIt()
    {
        var (chat, turnId, call) = await StartTurnAsync(ttl: null);
        await UpdateElsewhereAsync(new Chat { Ttl = Duration.FromTimeSpan(Hour) }, "ttl");
        _world.Time.Advance(TimeSpan.FromMinutes(2));

        call.Finish("m1");

        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turnId)).State);
        Assert.Equal(Now + Hour, (await _world.LoadAsync()).Chat.ExpireTime);
    }

    // The store in memory has its own clock, as a database has. The servers' clocks have no influence.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Chats_ClocksOfTheServersAreHoursOff_ExpireByTheClockOfTheStore(int seed)
    {
        var random = new Random(seed);
        TestServer[] servers = [NewServer(-5), NewServer(0), NewServer(7)];
        var expected = new SortedDictionary<string, (TimeSpan Ttl, DateTimeOffset ExpireTime)>(StringComparer.Ordinal);
        for (var i = 0; i < 150; i++)
        {
            var chatId = $"chat-{random.Next(12)}";
            var session = await servers[random.Next(3)].OpenAsync(chatId);
            if (!expected.TryGetValue(chatId, out var chat))
            {
                var ttl = TimeSpan.FromSeconds(random.Next(1, 30));
                await session.CreateAsync(new CreateChatRequest { ChatId = chatId, Model = ScriptedModel.Name, Ttl = Duration.FromTimeSpan(ttl) });
                expected[chatId] = (ttl, Now + ttl);
            }
            else if (random.Next(2) == 0)
            {
                await session.RecordAsync(Messages.Record("u", "m"));
                expected[chatId] = (chat.Ttl, Now + chat.Ttl);
            }
            else
            {
                Assert.Equal(chat.ExpireTime, (await session.GetAsync()).ExpireTime.ToDateTimeOffset());
            }

            _world.Time.Advance(TimeSpan.FromMilliseconds(random.Next(3000)));
            foreach (var expired in expected.Where(chat => chat.Value.ExpireTime <= Now).Select(chat => chat.Key).ToList())
            {
                expected.Remove(expired);
                var reader = await servers[random.Next(3)].OpenAsync(expired);
                Assert.Equal("CHAT_NOT_FOUND", (await Assert.ThrowsAsync<Errors.ChatException>(reader.GetAsync)).Reason);
            }

            var list = await _world.Store.ListAsync(new ChatListQuery(ChatWorld.Tenant, [], 100, null), CancellationToken.None);
            Assert.Equal(expected.Keys, list.Chats.Select(chat => chat.Chat.Key.ChatId).Order(StringComparer.Ordinal));
        }
    }

    private TestServer NewServer(int hours) =>
        new(_world.Store, _world.Model, new OtherClock(_world.Time, TimeSpan.FromHours(hours)), _world.Options, _world.Tools, _world.Limits, _world.NewQuotas);

    private async Task<(TestSession Chat, string TurnId, ScriptedCall Call)> StartTurnAsync(int? ttl = 60)
    {
        var chat = await _world.NewServer().OpenAsync();
        var creation = ChatWorld.Creation();
        creation.Ttl = ttl is { } minutes ? Duration.FromTimeSpan(TimeSpan.FromMinutes(minutes)) : null;
        await chat.CreateAsync(creation);
        var turn = await chat.SendAsync("u1");
        return (chat, turn.TurnId, await _world.Model.NextCallAsync());
    }

    private async Task UpdateElsewhereAsync(Chat chat, string path)
    {
        var other = await _world.NewServer().OpenAsync();
        await other.UpdateAsync(new UpdateChatRequest { Chat = chat, UpdateMask = new FieldMask { Paths = { path } } });
    }

    private sealed class OtherClock(TimeProvider inner, TimeSpan by) : TimeProvider
    {
        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + by;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(callback, state, dueTime, period);
    }
}
