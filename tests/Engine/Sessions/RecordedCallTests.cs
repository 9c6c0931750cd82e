using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.V1;
using Google.Rpc;
using static GenAI.Chats.TestKit.Chats.Messages;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>Function calls in histories that were generated elsewhere.</summary>
public sealed class RecordedCallTests
{
    private readonly ChatWorld _world = new();

    [Fact]
    public async Task Create_HistoryThatEndsWithACall_CanBeAnswered()
    {
        var chat = await _world.NewChatAsync(User("u0"), Model("m0"), User("u1"), Model(Call("f")), User(Response("f")), Model(Call("g")));
        Assert.Equal("u:u0 m:m0", await chat.HistoryAsync(curated: true));

        var turn = await chat.SendAsync(Send(User(Response("g"))));
        var call = await _world.Model.NextCallAsync();

        Assert.Equal("u:u0 m:m0 u:u1 m:f? u:f! m:g? u:g!", call.Sent);
        call.Finish("m");
        Assert.True((await chat.EndOfAsync(turn.TurnId)).Curated);
        Assert.Equal("u:u0 m:m0 u:u1 m:f? u:f! m:g? u:g! m:m", await chat.HistoryAsync(curated: true));
    }

    [Fact]
    public async Task Create_LongExchangeThatIsOpen_IsClosedWhole()
    {
        var history = new List<Content> { User("u") };
        for (var i = 0; i < 150; i++)
        {
            history.AddRange([Model(Call("f")), User(Response("f"))]);
        }

        history.Add(Model(Call("f")));
        var chat = await _world.NewChatAsync([.. history]);
        Assert.Equal("", await chat.HistoryAsync(curated: true));

        var turn = await chat.SendAsync(Send(User(Response("f"))));
        var call = await _world.Model.NextCallAsync();

        Assert.Equal(Line([.. history, User(Response("f"))]), call.Sent);
        call.Finish("m");
        await chat.EndOfAsync(turn.TurnId);
        Assert.Equal(Line([.. history, User(Response("f")), Model("m")]), await chat.HistoryAsync(curated: true));
    }

    [Fact]
    public async Task Create_ResponsesInSeveralContents_AreSentAsOneInTheCallsOrder()
    {
        var chat = await _world.NewChatAsync(User("u0"), Model(Call("f"), Call("g")), User(Response("g")), User(Response("f")), Model("m0"));

        await chat.SendAsync("u1");

        Assert.Equal("u:u0 m:f?g? u:f!g! m:m0 u:u1", (await _world.Model.NextCallAsync()).Sent);
    }

    [Fact]
    public async Task Create_SomeResponsesMissing_TheOthersAreAwaited()
    {
        var chat = await _world.NewChatAsync(User("u0"), Model(Call("f"), Call("g")), User(Response("g")));

        await chat.SendAsync(Send(User(Response("f"), new Part { Text = "t" })));

        Assert.Equal("u:u0 m:f?g? u:f!g!t", (await _world.Model.NextCallAsync()).Sent);
    }

    [Fact]
    public async Task Record_TurnWithCalls_IsCuratedWhenTheyAreAnswered()
    {
        var chat = await _world.NewChatAsync();
        var first = await chat.RecordAsync(Recorded(User("u1"), Model(Call("f"))));
        var end = await chat.GetTurnAsync(first.TurnId);
        Assert.Equal((Turn.Types.State.Completed, false), (end.State, end.Curated));

        var second = await chat.RecordAsync(Recorded(User(Response("f")), Model(Call("g")), User(Response("g")), Model("m")));

        Assert.True((await chat.GetTurnAsync(first.TurnId)).Curated);
        Assert.True((await chat.GetTurnAsync(second.TurnId)).Curated);
        await chat.SendAsync("u2");
        Assert.Equal("u:u1 m:f? u:f! m:g? u:g! m:m u:u2", (await _world.Model.NextCallAsync()).Sent);
    }

    [Theory]
    [InlineData("g? m")]
    [InlineData("f! m")]
    [InlineData("g? f! m")]
    public async Task Record_ExchangeThatIsNotWhole_IsNotCurated(string output)
    {
        var chat = await _world.NewChatAsync();
        var contents = output.Split(' ').Select(text => text[^1] switch
        {
            '?' => Model(Call(text[..^1])),
            '!' => User(Response(text[..^1])),
            _ => Model(text),
        }).ToList();

        // A text of the user in between, as neighbouring contents of the model are one.
        contents.Insert(contents.Count - 1, User("and"));

        var turn = await chat.RecordAsync(Recorded(User("u1"), [.. contents]));

        Assert.False((await chat.GetTurnAsync(turn.TurnId)).Curated);
        Assert.Equal("", await chat.HistoryAsync(curated: true));
        await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync(Send(User(Response("g")))));
    }

    [Fact]
    public async Task Record_ResponsesThatDoNotFit_AreRefusedOrFail()
    {
        var chat = await _world.NewChatAsync();

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.RecordAsync(Recorded(User(Response("f")), Model("m"))));
        Assert.Equal(
            (Code.InvalidArgument, "FUNCTION_RESPONSE_MISMATCH", "user_input.parts[0].function_response"), (failure.Code, failure.Reason, failure.Field));

        await chat.SendAsync("u1");
        var queued = await chat.RecordAsync(Recorded(User(Response("f")), Model("m")));
        (await _world.Model.NextCallAsync()).Finish("m1");

        var end = await chat.EndOfAsync(queued.TurnId);
        Assert.Equal((Turn.Types.State.Failed, "FUNCTION_RESPONSE_MISMATCH"), (end.State, end.Error.Reason));
        Assert.Equal("u:u1 m:m1", await chat.HistoryAsync());
    }

    [Fact]
    public async Task Record_BehindATurnThatCalls_AnswersIt()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var queued = await chat.RecordAsync(Recorded(User(Response("f")), Model("m")));
        var call = await _world.Model.NextCallAsync();
        call.Say(Parts("STOP", Call("f")));
        call.End();

        Assert.True((await chat.EndOfAsync(queued.TurnId)).Curated);
        Assert.Equal("u:u1 m:f? u:f! m:m", await chat.HistoryAsync(curated: true));
    }

    private static RecordHistoryRequest Recorded(Content input, params Content[] output) =>
        new() { UserInput = input, ModelOutput = { output }, IsValid = true };
}
