using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;
using static GenAI.Chats.TestKit.Chats.Messages;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>Calls that the client answers: from the first to the answer without one they are curated together, or not at all.</summary>
public sealed class FunctionCallTests
{
    private readonly ChatWorld _world = new();

    [Fact]
    public async Task Answer_WithCalls_IsCuratedWithTheTurnThatEndsTheExchange()
    {
        var chat = await _world.NewChatAsync(User("u0"), Model("m0"));
        var first = await TurnAsync(chat, User("u1"), "u:u0 m:m0 u:u1", Call("f"), Call("g", "7"));
        Assert.Equal((Turn.Types.State.Completed, 1L, false), (first.State, first.Revision, first.Curated));
        Assert.Equal("u:u0 m:m0", await chat.HistoryAsync(curated: true));

        var second = await TurnAsync(chat, User(Response("f"), Response("g", "7")), "u:u0 m:m0 u:u1 m:f?g?7 u:f!g!7", Call("h"));
        Assert.False(second.Curated);
        Assert.Equal("u:u0 m:m0", await chat.HistoryAsync(curated: true));

        var commits = new List<string>();
        _world.Store.Around = (name, call) =>
        {
            commits.Add(name);
            return call();
        };
        var third = await TurnAsync(chat, User(Response("h")), "u:u0 m:m0 u:u1 m:f?g?7 u:f!g!7 m:h? u:h!", new Part { Text = "done" });

        Assert.True(third.Curated);
        Assert.Equal([nameof(AcceptStep), nameof(EndStep)], commits);
        Assert.True((await chat.GetTurnAsync(first.TurnId)).Curated);
        Assert.Equal("u:u0 m:m0 u:u1 m:f?g?7 u:f!g!7 m:h? u:h! m:done", await chat.HistoryAsync(curated: true));
        Assert.Equal(await chat.HistoryAsync(), await chat.HistoryAsync(curated: true));
        Assert.True((await chat.ReadToEndAsync(first.TurnId))[^1].Ended.Curated);
        await TurnAsync(chat, User("u4"), "u:u0 m:m0 u:u1 m:f?g?7 u:f!g!7 m:h? u:h! m:done u:u4", new Part { Text = "m4" });
    }

    [Fact]
    public async Task Answer_AnotherActivation_GoesOnWithTheExchange()
    {
        var chat = await _world.NewChatAsync();
        var first = await TurnAsync(chat, User("u1"), "u:u1", Call("f"));
        await chat.CloseAsync();
        var next = await _world.NewServer().OpenAsync();

        await TurnAsync(next, User(Response("f")), "u:u1 m:f? u:f!", new Part { Text = "m" });

        Assert.Equal("u:u1 m:f? u:f! m:m", await next.HistoryAsync(curated: true));
        Assert.True((await next.GetTurnAsync(first.TurnId)).Curated);
    }

    // A session reads the history before another one closes the exchange, and goes on later.
    [Fact]
    public async Task Answer_ExchangeClosedElsewhere_IsSentWithItWhole()
    {
        var chat = await _world.NewChatAsync(User("u0"), Model("m0"));
        await TurnAsync(chat, User("u1"), "u:u0 m:m0 u:u1", Call("f"));
        var other = await _world.NewServer().OpenAsync();
        await TurnAsync(other, User(Response("f")), "u:u0 m:m0 u:u1 m:f? u:f!", new Part { Text = "m2" });
        await chat.WakeAsync();

        await TurnAsync(chat, User("u3"), "u:u0 m:m0 u:u1 m:f? u:f! m:m2 u:u3", new Part { Text = "m3" });
    }

    [Fact]
    public async Task Send_WithoutResponses_DropsTheExchange()
    {
        var chat = await _world.NewChatAsync();
        await TurnAsync(chat, User("u1"), "u:u1", Call("f"));

        await TurnAsync(chat, User("u2"), "u:u2", new Part { Text = "m2" });

        Assert.Equal("u:u1 m:f? u:u2 m:m2", await chat.HistoryAsync());
        Assert.Equal("u:u2 m:m2", await chat.HistoryAsync(curated: true));
        await RefusedAsync(chat, User(Response("f")), "message.parts[0].function_response");
        await TurnAsync(chat, User("u3"), "u:u2 m:m2 u:u3", new Part { Text = "m3" });
    }

    [Theory]
    [InlineData("fail")]
    [InlineData("cancel")]
    [InlineData("empty")]
    public async Task Send_ThatDoesNotEndWell_LeavesTheExchangeOpen(string end)
    {
        var chat = await _world.NewChatAsync();
        await TurnAsync(chat, User("u1"), "u:u1", Call("f"));
        foreach (var message in new[] { User("u2"), User(Response("f")) })
        {
            var turn = await chat.SendAsync(Send(message));
            var call = await _world.Model.NextCallAsync();
            switch (end)
            {
                case "fail":
                    call.Say("par");
                    call.Fail(new Models.ModelException(Code.Unavailable, "MODEL_UNAVAILABLE", "Gone."));
                    break;
                case "cancel":
                    await chat.CancelAsync(turn.TurnId);
                    break;
                default:
                    call.End();
                    break;
            }

            Assert.False((await chat.EndOfAsync(turn.TurnId)).Curated);
        }

        await TurnAsync(chat, User(Response("f")), "u:u1 m:f? u:f!", new Part { Text = "m" });

        Assert.Equal("u:u1 m:f? u:f! m:m", await chat.HistoryAsync(curated: true));
    }

    public static TheoryData<Part[], string, string> Mismatches => new()
    {
        { [Response("f"), Response("g", "7"), Response("f")], "message.parts[2].function_response.name", "must match the name of a pending function call" },
        { [Response("f")], "message", "missing: 'g' with ID '7'" },
        { [Response("g", "7")], "message", "missing: 'f'" },
        { [Response("f"), Response("g", "8")], "message.parts[1].function_response.id", "must match the ID of a pending function call" },
        { [Response("f"), Response("f", "7")], "message.parts[1].function_response.name", "must be 'g'" },
        { [Response("x"), Response("g", "7")], "message.parts[0].function_response.name", "must match the name of a pending function call" },
        { [Response("g", "7"), Response("g", "7")], "message.parts[1].function_response.id", "must match the ID of a pending function call" },
    };

    [Theory]
    [MemberData(nameof(Mismatches))]
    public async Task Send_ResponsesThatDoNotFit_AreRefusedAndTheExchangeStays(Part[] parts, string field, string says)
    {
        var chat = await _world.NewChatAsync();
        await TurnAsync(chat, User("u1"), "u:u1", Call("f"), Call("g", "7"));

        var failure = await RefusedAsync(chat, User(parts), field);

        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await chat.GetAsync()).Revision);
        await TurnAsync(chat, User(Response("f"), Response("g", "7")), "u:u1 m:f?g?7 u:f!g!7", new Part { Text = "m" });
    }

    [Theory]
    [InlineData("f! g!7", "7")]
    [InlineData("g!7 f!", "7")]
    [InlineData("f! g!", "7")]
    [InlineData("f!9 g!7", "7")]
    [InlineData("f! text g!7", "7")]
    [InlineData("g!3 f!4", null)]
    public async Task Send_ResponsesThatFit_AreSentAsTheyCame(string message, string? id)
    {
        var chat = await _world.NewChatAsync();
        await TurnAsync(chat, User("u1"), "u:u1", Call("f"), Call("g", id));
        var parts = message.Split(' ').Select(p => p.Split('!') switch
        {
            [var name, ""] => Response(name),
            [var name, var given] => Response(name, given),
            [var text, ..] => new Part { Text = text },
            [] => throw new InvalidOperationException(),
        });

        await TurnAsync(chat, User([.. parts]), $"u:u1 m:f?g?{id} u:{message.Replace(" ", "", StringComparison.Ordinal)}", new Part { Text = "m" });
    }

    [Fact]
    public async Task Send_ResponsesWithoutACall_AreRefused()
    {
        var chat = await _world.NewChatAsync();

        await RefusedAsync(chat, User(new Part { Text = "here:" }, Response("f")), "message.parts[1].function_response");
    }

    [Fact]
    public async Task Send_RetryOfAnAnswer_IsTheSameTurn()
    {
        var chat = await _world.NewChatAsync();
        await TurnAsync(chat, User("u1"), "u:u1", Call("f"));
        var answer = Send(User(Response("f")), "r2");
        var turn = await chat.SendAsync(answer);
        (await _world.Model.NextCallAsync()).Finish("m");
        await chat.EndOfAsync(turn.TurnId);

        Assert.Equal(turn, await chat.SendAsync(answer));
    }

    [Fact]
    public async Task Send_BehindAnotherTurn_IsCheckedWhenItStarts()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var fits = await chat.SendAsync(Send(User(Response("f"))));
        var late = await chat.SendAsync(Send(User(Response("f")), "late"));
        var call = await _world.Model.NextCallAsync();
        call.Say(Parts("STOP", Call("f")));
        call.End();
        var next = await _world.Model.NextCallAsync();
        Assert.Equal("u:u1 m:f? u:f!", next.Sent);
        next.Finish("m");

        Assert.True((await chat.EndOfAsync(fits.TurnId)).Curated);
        var failed = await chat.EndOfAsync(late.TurnId);

        Assert.Equal((Turn.Types.State.Failed, 0L), (failed.State, failed.Revision));
        Assert.Equal(((int)Code.InvalidArgument, "FUNCTION_RESPONSE_MISMATCH"), (failed.Error.Code, failed.Error.Reason));
        Assert.Equal(2, _world.Model.Calls);
    }

    [Fact]
    public async Task Answer_CallWhoseArgumentsStreamIn_IsOneCall()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        foreach (var (name, more) in new[] { ("f", true), ("", true), ("", false), ("g", false) })
        {
            var part = Call(name);
            part.FunctionCall.WillContinue = more;
            call.Say(Parts(name == "g" ? "STOP" : "", part));
        }

        call.End();
        await chat.EndOfAsync(turn.TurnId);

        await TurnAsync(chat, User(Response("f"), Response("g")), "u:u1 m:f???g? u:f!g!", new Part { Text = "m" });
    }

    [Fact]
    public async Task Update_ToAnotherModelWhileCallsWait_ThatModelGetsTheExchange()
    {
        var chat = await _world.NewChatAsync();
        await TurnAsync(chat, User("u1"), "u:u1", Call("f"));
        await chat.CallAsync(s => s.UpdateAsync(new UpdateChatRequest
        {
            Chat = new Chat { Model = ScriptedModel.OtherName },
            UpdateMask = new Google.Protobuf.WellKnownTypes.FieldMask { Paths = { "model" } },
        }));

        var turn = await chat.SendAsync(Send(User(Response("f"))));
        var call = await _world.Model.NextCallAsync();

        Assert.Equal((ScriptedModel.OtherName, "u:u1 m:f? u:f!"), (call.Request.Model, call.Sent));
        call.Finish("m");
        Assert.True((await chat.EndOfAsync(turn.TurnId)).Curated);
    }

    private async Task<Turn> TurnAsync(TestSession chat, Content message, string sent, params Part[] answer)
    {
        var turn = await chat.SendAsync(Send(message));
        var call = await _world.Model.NextCallAsync();
        Assert.Equal(sent, call.Sent);
        call.Say(Parts("STOP", answer));
        call.End();
        return await chat.EndOfAsync(turn.TurnId);
    }

    private static async Task<ChatException> RefusedAsync(TestSession chat, Content message, string field)
    {
        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync(Send(message)));
        Assert.Equal((Code.InvalidArgument, "FUNCTION_RESPONSE_MISMATCH", field), (failure.Code, failure.Reason, failure.Field));
        return failure;
    }
}
