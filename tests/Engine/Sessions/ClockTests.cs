using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.Engine.Turns;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using static GenAI.Chats.TestKit.Chats.Messages;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>A clock that is set while turns run.</summary>
public sealed class ClockTests
{
    private readonly ChatWorld _world = new();

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Turn_ClockIsSetBetweenCalls_ModelIsToldTheSameStart(int days)
    {
        var tool = new TestTool("f");
        _world.Tools.Add(new RegisteredTool(tool, new ChatToolOptions()));
        var chat = await _world.NewChatAsync();
        var started = _world.Time.GetTimestamp();
        var turn = await chat.SendAsync(new SendMessageRequest { Text = "u1", Config = TestTool.AskFor("f") });
        var first = await _world.Model.NextCallAsync();
        _world.Time.Advance(TimeSpan.FromSeconds(1));
        _world.Time.SetClock(TimeSpan.FromDays(days));
        first.Say(Parts("STOP", Call("f")));
        first.End();
        (await tool.NextCallAsync()).Return("x");

        var second = await _world.Model.NextCallAsync();

        Assert.Equal((started, started), (first.Request.TurnStartTimestamp, second.Request.TurnStartTimestamp));
        second.Finish("done");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Age_ClockIsSet_DoesNotChange(int days)
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var record = await _world.TurnAsync(turn.TurnId);
        _world.Time.Advance(TimeSpan.FromSeconds(2));
        var active = new ActiveTurn(record, _world.Time);

        _world.Time.SetClock(TimeSpan.FromDays(days));
        _world.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(TimeSpan.FromSeconds(5), active.Age);
    }
}
