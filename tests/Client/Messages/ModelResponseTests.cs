using GenAI.Chats.Client.Tests.Support;
using GenAI.Chats.V1;

namespace GenAI.Chats.Client.Tests.Messages;

/// <summary>The shortcuts return the same as the SDK's.</summary>
public sealed class ModelResponseTests
{
    [Fact]
    public void Text_SeveralParts_IsTheTextsWithoutThoughts() => Assert.Equal(
        "Let me see. It is 4.",
        Of(
            new Part { Text = "Hm.", Thought = true },
            new Part { Text = "Let me see. " },
            new Part { ExecutableCode = new ExecutableCode { Code = "2+2" } },
            new Part { Text = "It is 4.", Thought = false }).Text);

    [Fact]
    public void Text_EmptyText_IsEmpty() => Assert.Equal("", Of(new Part { Text = "" }).Text);

    [Fact]
    public void Text_NoText_IsNull()
    {
        Assert.Null(Of().Text);
        Assert.Null(Of(new Part { Text = "Hm.", Thought = true }).Text);
        Assert.Null(Of(new Part { FunctionCall = new FunctionCall { Name = "f" } }).Text);
        Assert.Null(new TurnResponse(new SendMessageResponse()).Text);
        Assert.Null(new TurnResponse(new SendMessageResponse { Response = new GenerateContentResponse { Candidates = { new Candidate() } } }).Text);
    }

    [Fact]
    public void Shortcuts_SeveralCandidates_AreOfTheFirst()
    {
        var response = Events.Chunk("STOP", new Part { FunctionCall = new FunctionCall { Name = "a" } }, new Part { FunctionCall = new FunctionCall { Name = "b" } });
        response.Candidates.Add(Events.Chunk("MAX_TOKENS", new Part { FunctionCall = new FunctionCall { Name = "c" } }).Candidates);
        var answer = new TurnResponse(new SendMessageResponse { Response = response });

        Assert.Equal(["a", "b"], answer.FunctionCalls.Select(c => c.Name));
        Assert.Equal("STOP", answer.FinishReason);
        Assert.Empty(new TurnResponse(new SendMessageResponse()).FunctionCalls);
        Assert.Null(new TurnResponse(new SendMessageResponse()).FinishReason);
    }

    private static TurnResponse Of(params Part[] parts) => new(new SendMessageResponse { Response = Events.Chunk("STOP", parts) });
}
