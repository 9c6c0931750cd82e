using GenAI.Chats.Api.Web.UiStream;
using GenAI.Chats.V1;

namespace GenAI.Chats.Api.Tests.Web.Ui;

/// <summary>Turns that start over, and turns that don't complete.</summary>
public sealed class UiTurnChunksTests
{
    private const string TurnId = "01a20311f32c72bca29965b74cc16569";

    [Fact]
    public void StartsOver_ResetsTheWholeTurn()
    {
        var chunks = new UiTurnChunks(TurnId);
        Add(chunks, new TurnEvent { Started = new Turn { Attempt = 1 } });
        Add(chunks, Chunk("model", new Part { FunctionCall = new FunctionCall { Name = "tool" } }));
        Add(chunks, Chunk("user", new Part { FunctionResponse = new FunctionResponse { Name = "tool" } }));
        Add(chunks, Chunk("model", new Part { Text = "one" }));

        var again = Add(chunks, new TurnEvent { Started = new Turn { Attempt = 2 } });
        var text = Add(chunks, Chunk("model", new Part { Text = "one" }));

        Assert.Equal(["reset-step", "message-metadata"], again);
        Assert.Equal(["text-start", "text-delta"], text);
    }

    [Fact]
    public void StartsOver_NothingWasSent_IsTheSameStep()
    {
        var chunks = new UiTurnChunks(TurnId);
        Add(chunks, new TurnEvent { Started = new Turn { Attempt = 1 } });

        Assert.Equal(["message-metadata"], Add(chunks, new TurnEvent { Started = new Turn { Attempt = 2 } }));
    }

    [Fact]
    public void ServerSideTool_IsNeverRunByThePage()
    {
        var chunks = new UiTurnChunks(TurnId);
        Add(chunks, new TurnEvent { Started = new Turn { Attempt = 1 } });

        Assert.Equal(
            ["tool-input-start", "tool-input-delta", "tool-input-start", "tool-input-delta"],
            Add(chunks, Chunk("model", Call("server"), Call("page"))));
        var answered = chunks.Add(Chunk("user", new Part { FunctionResponse = new FunctionResponse { Name = "server" } }));
        var ended = chunks.Add(new TurnEvent { Ended = new Turn { State = Turn.Types.State.Completed } });

        Assert.Equal(["tool-input-available", "tool-output-available"], answered.Select(UiChunk.TypeOf));
        Assert.All(answered, chunk => Assert.True((bool)chunk["providerExecuted"]!));
        Assert.Equal(["tool-input-available", "finish-step", "finish"], ended.Select(UiChunk.TypeOf));
        Assert.Equal(("page", (string?)null), ((string?)ended[0]["toolName"], ended[0]["providerExecuted"]?.ToJsonString()));
    }

    [Theory]
    [InlineData(Turn.Types.State.Failed, "error")]
    [InlineData(Turn.Types.State.Cancelled, "abort")]
    public void DoesNotComplete_CallsAreNotAnswered(Turn.Types.State state, string type)
    {
        var chunks = new UiTurnChunks(TurnId);
        Add(chunks, new TurnEvent { Started = new Turn { Attempt = 1 } });
        Add(chunks, Chunk("model", Call("page"), new Part { Text = "x" }));

        var ended = chunks.Add(new TurnEvent { Ended = new Turn { State = state, Error = new Turn.Types.Error { Message = "no" } } });

        Assert.Equal(["text-end", "tool-input-error", "finish-step", "message-metadata", type], ended.Select(UiChunk.TypeOf));
        Assert.True((bool)ended[1]["providerExecuted"]!);
        Assert.True(chunks.HasEnded);
    }

    private static Part Call(string name) => new() { FunctionCall = new FunctionCall { Name = name } };

    private static TurnEvent Chunk(string role, params Part[] parts) =>
        new() { Chunk = new GenerateContentResponse { Candidates = { new Candidate { Content = new Content { Role = role, Parts = { parts } } } } } };

    private static IEnumerable<string> Add(UiTurnChunks chunks, TurnEvent next) => [.. chunks.Add(next).Select(UiChunk.TypeOf)];
}
