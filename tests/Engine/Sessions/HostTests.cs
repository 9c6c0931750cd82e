using GenAI.Chats.Engine.Tests.Support;


namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>What a session asks of its activation.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task Run_SeveralTurns_ActivationIsKeptUntilTheLastHasEnded()
    {
        var world = new ChatWorld();
        var chat = await world.NewChatAsync();
        Assert.False(chat.IsKeptActive);
        await chat.SendAsync("u1");
        var last = await chat.SendAsync("u2");

        var call = await world.Model.NextCallAsync();
        Assert.True(chat.IsKeptActive);
        call.Finish("m1");
        call = await world.Model.NextCallAsync();
        Assert.True(chat.IsKeptActive);
        call.Finish("m2");

        await chat.EndOfAsync(last.TurnId);
        await chat.SettleAsync();
        Assert.False(chat.IsKeptActive);
    }
}
