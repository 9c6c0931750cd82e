using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Models;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

public sealed class ModelErrorTests
{
    private readonly ChatWorld _world = new(new ChatsOptions { MaxResponseBytes = 2000 });

    [Fact]
    public async Task Run_ModelFailsBeforeAnyChunk_NothingIsRecorded()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        (await _world.Model.NextCallAsync()).Fail(
            new ModelException(Code.ResourceExhausted, ModelErrorReasons.QuotaExceeded, "Slow down.", TimeSpan.FromSeconds(7)));

        var ended = await chat.EndOfAsync(turn.TurnId);

        Assert.Equal((Turn.Types.State.Failed, 0L, false), (ended.State, ended.Revision, ended.Curated));
        Assert.Equal(
            new Turn.Types.Error
            {
                Code = (int)Code.ResourceExhausted,
                Reason = ModelErrorReasons.QuotaExceeded,
                Message = "Slow down.",
                RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(7)),
            },
            ended.Error);
        Assert.Equal("", await chat.HistoryAsync());
        Assert.Equal((0, 0), ((await chat.GetAsync()).Revision, (await chat.GetAsync()).TurnCount));
    }

    [Fact]
    public async Task Run_ModelFailsAfterSomeChunks_PartialOutputIsInTheComprehensiveHistoryAlone()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("par");
        call.Say("tial");
        call.Fail(new ModelException(Code.Unavailable, ModelErrorReasons.Unavailable, "Broke off."));

        var live = await chat.ReadToEndAsync(turn.TurnId);

        Assert.Equal("started par tial ended", Messages.Line(live));
        Assert.Equal((Turn.Types.State.Failed, 1L, false), (live[^1].Ended.State, live[^1].Ended.Revision, live[^1].Ended.Curated));
        Assert.Equal("u:u1 m:partial", await chat.HistoryAsync());
        Assert.Equal("", await chat.HistoryAsync(curated: true));
        var next = await chat.SendAsync("u2");
        Assert.Equal("u:u2", (await _world.Model.NextCallAsync()).Sent);
        Assert.NotNull(next.TurnId);
    }

    [Fact]
    public async Task Run_ResponseTooLarge_FailsAndStopsTheModel()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say(new string('x', 1000));
        call.Say(new string('y', 1000));

        var ended = await chat.EndOfAsync(turn.TurnId);

        Assert.Equal((Turn.Types.State.Failed, "RESPONSE_TOO_LARGE", 1L), (ended.State, ended.Error.Reason, ended.Revision));
    }

    [Fact]
    public async Task Run_ServerRunsOutOfMemory_LargeTurnsFail()
    {
        var world = new ChatWorld();
        var server = world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        var other = await server.OpenAsync("other");
        await other.CreateAsync(ChatWorld.Creation());
        var (large, small) = (await chat.SendAsync("u1"), await other.SendAsync("u1"));
        var calls = new[] { await world.Model.NextCallAsync(), await world.Model.NextCallAsync() };
        calls[0].Say(new string('x', 5 * 1024 * 1024));
        calls[1].Say(new string('y', 1024 * 1024));

        server.MemoryUse = new(96, 100, 1);
        server.Memory.Measure();
        server.Memory.Measure();
        calls[0].Say("x");
        calls[1].Finish("y");

        var ended = await chat.EndOfAsync(large.TurnId);
        Assert.Equal(((int)Code.ResourceExhausted, "RESPONSE_TOO_LARGE"), (ended.Error.Code, ended.Error.Reason));
        Assert.Contains("memory", ended.Error.Message, StringComparison.Ordinal);
        Assert.Equal(Turn.Types.State.Completed, (await other.EndOfAsync(small.TurnId)).State);
    }

    [Fact]
    public async Task Run_ModelIsNotKnownAnyMore_FailsWithItsName()
    {
        var chat = await _world.NewChatAsync();
        var record = (await _world.LoadAsync()).Chat;
        record.Settings.Model = "gone";
        await _world.Store.UpdateSettingsAsync(ChatWorld.Key, record.Version, record.Settings, _world.Time.GetUtcNow(), 0);
        chat = await _world.NewServer().OpenAsync();

        var ended = await chat.EndOfAsync((await chat.SendAsync("u1")).TurnId);

        Assert.Equal((Turn.Types.State.Failed, "UNKNOWN_MODEL"), (ended.State, ended.Error.Reason));
        Assert.Contains("gone", ended.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ModelBreaksItsContract_FailsAsInternalAndTheNextTurnRuns()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        await chat.SendAsync("u2");
        (await _world.Model.NextCallAsync()).Fail(new InvalidOperationException("secret"));

        var ended = await chat.EndOfAsync(turn.TurnId);

        Assert.Equal((Turn.Types.State.Failed, (int)Code.Internal, "INTERNAL"), (ended.State, ended.Error.Code, ended.Error.Reason));
        Assert.DoesNotContain("secret", ended.Error.Message, StringComparison.Ordinal);
        Assert.Equal("u:u2", (await _world.Model.NextCallAsync()).Sent);
    }

    [Fact]
    public async Task Run_HistoryCannotBeRead_FailsAndMayBeSentAgain()
    {
        var chat = await _world.NewChatAsync(Messages.User("u0"), Messages.Model("m0"));
        _world.Store.FailOnce(nameof(IChatStore.ReadLogAsync), afterwards: false);
        var turn = await chat.SendAsync("u1", "r1");

        var ended = await chat.EndOfAsync(turn.TurnId);

        Assert.Equal((Turn.Types.State.Failed, "STORE_UNAVAILABLE", 0L), (ended.State, ended.Error.Reason, ended.Revision));
        Assert.NotEqual(turn, await chat.SendAsync("u1", "r1"));
        Assert.Equal("u:u0 m:m0 u:u1", (await _world.Model.NextCallAsync()).Sent);
    }

    [Fact]
    public async Task Run_ModelNeverWaits_OtherCallsAreServed()
    {
        var world = new ChatWorld(new ChatsOptions { MaxResponseBytes = int.MaxValue });
        var chat = await world.NewChatAsync();
        using var stop = new CancellationTokenSource();
        world.Model.Answer = _ => Endless(stop.Token);
        var turn = await chat.SendAsync("u1");

        Assert.Equal(turn.TurnId, (await chat.GetAsync()).ActiveTurnId);
        Assert.NotEmpty((await chat.ReadOnceAsync(turn.TurnId)).Events);

        await stop.CancelAsync();
        await chat.EndOfAsync(turn.TurnId);
    }

    [Fact]
    public async Task Run_ModelSaysNothingWithoutEnd_Fails()
    {
        var chat = await _world.NewChatAsync();
        using var stop = new CancellationTokenSource(Patience.Limit);
        _world.Model.Answer = _ => Endless(stop.Token);

        var ended = await chat.EndOfAsync((await chat.SendAsync("u1")).TurnId);

        Assert.Equal("RESPONSE_TOO_LARGE", ended.Error.Reason);
    }

    private static IEnumerable<GenerateContentResponse> Endless(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            yield return new GenerateContentResponse();
        }
    }
}
