using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>What waiting turns were accepted with: counted, and read by who runs them alone.</summary>
public sealed class QueuedInputTests
{
    private const int Large = 200_000;

    private readonly ChatWorld _world = new(new ChatsOptions { MaxQueuedBytes = 3 * Large });
    private readonly List<string> _read = [];

    public QueuedInputTests() => _world.Store.Around = async (name, call) =>
    {
        _read.Add(name);
        await call();
    };

    [Fact]
    public async Task LargeInputsWait_EachIsReadWhenItsTurnIsShownOrStarts()
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        await chat.SendAsync("u1");
        var first = await _world.Model.NextCallAsync();
        var second = await chat.SendAsync(Text('b'));
        var third = await chat.SendAsync(Text('c'));

        Assert.Equal(2, (await chat.GetAsync()).QueuedTurns);
        await chat.WakeAsync();
        Assert.DoesNotContain(nameof(IChatStore.ReadInputAsync), _read);
        Assert.Equal(Turn.Types.State.Queued, (await chat.GetTurnAsync(third.TurnId)).State);
        Assert.Single(_read, nameof(IChatStore.ReadInputAsync));
        _read.Clear();

        first.Finish("m1");
        var call = await _world.Model.NextCallAsync();
        Assert.EndsWith(Text('b'), call.Sent, StringComparison.Ordinal);
        Assert.Single(_read, nameof(IChatStore.ReadInputAsync));
        await chat.WakeAsync();
        call.Finish("m2");
        (await _world.Model.NextCallAsync()).Finish("m3");

        Assert.Equal(2, (await chat.EndOfAsync(second.TurnId)).Revision);
        Assert.Equal(3, (await chat.EndOfAsync(third.TurnId)).Revision);
        Assert.Equal($"u:u1 m:m1 u:{Text('b')} m:m2 u:{Text('c')} m:m3", await chat.HistoryAsync(curated: true));
    }

    [Fact]
    public async Task RecordedTurnWaits_AnotherServerTakesItUp_IsRecorded()
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var recorded = await chat.RecordAsync(Messages.Record(Text('b'), "m2"));
        server.Leave();

        var next = await _world.NewServer().OpenAsync();
        await next.WakeAsync();
        (await _world.Model.NextCallAsync()).Finish("m1");

        Assert.Equal(2, (await next.EndOfAsync(recorded.TurnId)).Revision);
        Assert.Equal($"u:u1 m:m1 u:{Text('b')} m:m2", await next.HistoryAsync(curated: true));
    }

    [Fact]
    public async Task Send_WaitingTurnsWouldHaveMoreBytesThanTheyMay_QueueIsFull()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync(Text('a'));
        await chat.SendAsync(Text('b'));
        await chat.SendAsync(Text('c'));

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync(Text('d')));

        Assert.Equal((Code.ResourceExhausted, "QUEUE_FULL"), (failure.Code, failure.Reason));
        Assert.NotNull(failure.RetryDelay);
        await chat.SendAsync("small");
        Assert.Equal(4, (await _world.LoadAsync()).LastSequence);
    }

    private static string Text(char letter) => new(letter, Large);
}
