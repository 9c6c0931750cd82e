using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>A chat's bytes are those that it takes in the store, whatever became of its turns.</summary>
public sealed class StoredBytesTests
{
    private const int Most = 20_000;

    private readonly ChatWorld _world = new(new ChatsOptions { MaxHistoryBytes = Most });

    [Fact]
    public async Task Turns_AsTheyEnd_CountWithAllThatIsStored()
    {
        var chat = await _world.NewChatAsync(Messages.User("u0"), Messages.Model("m0"));
        var completed = await chat.SendAsync(Configured("u1"));
        (await _world.Model.NextCallAsync()).Finish("m1");
        await chat.EndOfAsync(completed.TurnId);
        var failed = await chat.SendAsync(Configured("u2"));
        (await _world.Model.NextCallAsync()).Fail(new InvalidOperationException("The test's model fails."));
        await chat.EndOfAsync(failed.TurnId);
        var cancelled = await chat.SendAsync(Configured("u3"));
        await _world.Model.NextCallAsync();
        await chat.CancelAsync(cancelled.TurnId);
        await chat.RecordAsync(Messages.Record("u4", "m4"));

        var log = (await _world.Store.ReadLogAsync(ChatWorld.Key, new(0, 100, long.MaxValue) { Scope = LogScope.Whole }, CancellationToken.None))!.Turns;
        var snapshot = await _world.LoadAsync();

        Assert.Equal(5, log.Count);
        Assert.Equal(
            snapshot.Chat.Settings.CalculateSize() + log.Sum(turn => turn.Input.CalculateSize() + turn.Outcome!.CalculateSize()),
            snapshot.Chat.StoredBytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_TurnsThatFailed_FillTheChat(bool inConfig)
    {
        var chat = await _world.NewChatAsync();
        var request = inConfig ? Configured("u") : Messages.Send(new string('x', 900));
        for (var i = 0; i < 15; i++)
        {
            var turn = await chat.SendAsync(request);
            (await _world.Model.NextCallAsync()).Fail(new InvalidOperationException("The test's model fails."));
            await chat.EndOfAsync(turn.TurnId);
        }

        var failure = await Record.ExceptionAsync(() => FailAsync(chat, request, 10));

        Assert.Equal((Code.ResourceExhausted, "HISTORY_FULL"), (((ChatException)failure!).Code, ((ChatException)failure).Reason));
        Assert.InRange((await _world.LoadAsync()).Chat.StoredBytes, Most - 2000, Most + 200);
    }

    [Fact]
    public async Task Send_WaitingTurns_FillTheChat()
    {
        var chat = await _world.NewChatAsync();

        var failure = await Assert.ThrowsAsync<ChatException>(async () =>
        {
            for (var i = 0; i < 15; i++)
            {
                await chat.SendAsync(new string('x', 2000));
            }
        });

        Assert.Equal((Code.ResourceExhausted, "HISTORY_FULL"), (failure.Code, failure.Reason));
    }

    [Fact]
    public async Task Update_SettingsThatGrow_AreCountedAndBounded()
    {
        var chat = await _world.NewChatAsync();
        await chat.UpdateAsync(Update(15_000));

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.UpdateAsync(Update(Most)));

        Assert.Equal((Code.ResourceExhausted, "HISTORY_FULL"), (failure.Code, failure.Reason));
        var full = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync(new string('x', 6000)));
        Assert.Equal("HISTORY_FULL", full.Reason);
        await chat.UpdateAsync(Update(1000));
        await chat.SendAsync(new string('x', 6000));
        var stored = (await _world.LoadAsync()).Chat;
        Assert.Equal(stored.Settings.CalculateSize(), stored.StoredBytes);
    }

    private async Task FailAsync(TestSession chat, SendMessageRequest request, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var turn = await chat.SendAsync(request);
            (await _world.Model.NextCallAsync()).Fail(new InvalidOperationException("The test's model fails."));
            await chat.EndOfAsync(turn.TurnId);
        }
    }

    private static SendMessageRequest Configured(string text)
    {
        var request = Messages.Send(text);
        request.Config = Config(900);
        return request;
    }

    private static UpdateChatRequest Update(int size) =>
        new() { Chat = new Chat { Config = Config(size) }, UpdateMask = FieldMask.FromString("config") };

    private static GenerateContentConfig Config(int size) => new() { SystemInstruction = Messages.Text("system", new string('x', size)) };
}
