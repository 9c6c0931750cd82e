using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Gemini;

public sealed class ContinuationTests : IAsyncLifetime
{
    private GeminiModelFixture _gemini = null!;

    public async Task InitializeAsync() => _gemini = await GeminiModelFixture.StartAsync();

    public async Task DisposeAsync() => await _gemini.DisposeAsync();

    [Fact]
    public async Task GenerateAsync_UnaryInSeveralResponses_IsOne()
    {
        _gemini.Server.Enqueue(
            ScriptedReply.Json("""
                {"candidates":[{"content":{"role":"model","parts":[{"text":"one "}]},"finishReason":"CONTINUATION","finishMessage":"m","continuationToken":"t1","tokenCount":2,
                  "safetyRatings":[{"category":"A","probability":"LOW"},{"category":"B","probability":"LOW"}],
                  "groundingMetadata":{"groundingChunks":[{"web":{"uri":"u1"}}],"groundingSupports":[{"groundingChunkIndices":[0],"segment":{"endIndex":3}}]}}],
                 "usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"totalTokenCount":7,"promptTokensDetails":[{"modality":"TEXT","tokenCount":5}]},"responseId":"r1"}
                """),
            ScriptedReply.Json("""{"candidates":[{"content":{"role":"model","parts":[{"text":"two "}]},"continuationToken":"t2"}],"usageMetadata":{"promptTokenCount":7}}"""),
            ScriptedReply.Json("""
                {"candidates":[{"content":{"role":"model","parts":[{"text":"three"}]},"finishReason":"STOP","tokenCount":1,
                  "safetyRatings":[{"category":"A","probability":"HIGH"}],
                  "groundingMetadata":{"groundingChunks":[{"web":{"uri":"u2"}}],"groundingSupports":[{"groundingChunkIndices":[0],"segment":{"endIndex":2}}]}}],
                 "usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":1,"totalTokenCount":10,"promptTokensDetails":[{"modality":"TEXT","tokenCount":9}]},"responseId":"r3"}
                """));

        var response = Assert.Single(await _gemini.Model.CallAsync(Ask("q", stream: false, new GenerateContentConfig { Seed = 7 })));

        var candidate = Assert.Single(response.Candidates);
        Assert.Equal(["one ", "two ", "three"], candidate.Content.Parts.Select(part => part.Text));
        Assert.Equal(("model", "STOP", "", false, 3), (candidate.Content.Role, candidate.FinishReason, candidate.FinishMessage, candidate.HasContinuationToken, candidate.TokenCount));
        Assert.Equal([("A", "HIGH"), ("B", "LOW")], candidate.SafetyRatings.Select(rating => (rating.Category, rating.Probability)));
        Assert.Equal([0, 1], candidate.GroundingMetadata.GroundingSupports.SelectMany(support => support.GroundingChunkIndices));
        Assert.Equal([0, 2], candidate.GroundingMetadata.GroundingSupports.Select(support => support.Segment.PartIndex));
        Assert.Equal(["u1", "u2"], candidate.GroundingMetadata.GroundingChunks.Select(chunk => chunk.Web.Fields["uri"].StringValue));
        Assert.Equal((21, 3, 17, 14), (response.UsageMetadata.PromptTokenCount, response.UsageMetadata.CandidatesTokenCount, response.UsageMetadata.TotalTokenCount, response.UsageMetadata.PromptTokensDetails.Single().TokenCount));
        Assert.Equal("r3", response.ResponseId);
        Assert.Equal([null, "t1", "t2"], Tokens());
        Assert.All(_gemini.Server.Requests, request => Assert.Equal(7, request.Body.GetProperty("generationConfig").GetProperty("seed").GetInt32()));
    }

    [Fact]
    public async Task GenerateAsync_UnaryWithTheSameTokenAgain_EndsThere()
    {
        _gemini.Server.Always(_ => true, ScriptedReply.Json(Chunk("a", "CONTINUATION", "t")));

        await _gemini.Model.CallAsync(Ask("q", stream: false));

        Assert.Equal([null, "t"], Tokens());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_TurnedOff_IsLeftToTheClient(bool stream)
    {
        var json = Chunk("a", "CONTINUATION", "t1");
        _gemini.Server.Enqueue(stream ? ScriptedReply.Stream().Event(json) : ScriptedReply.Json(json));

        var config = new GenerateContentConfig { AutomaticContinuation = false, ContinuationToken = "t0" };
        var response = Assert.Single(await _gemini.Model.CallAsync(Ask("q", stream, config)));

        Assert.Equal(("CONTINUATION", "t1"), (response.Candidates[0].FinishReason, response.Candidates[0].ContinuationToken));
        Assert.Equal(["t0"], Tokens());
    }

    [Fact]
    public async Task GenerateAsync_StreamThatIsContinued_IsOneStream()
    {
        _gemini.Server.Enqueue(
            ScriptedReply.Stream().Event(Chunk("one ", null, "t1", 2)).Event(Chunk("two ", "CONTINUATION", "t2", 3)),
            ScriptedReply.Stream().Event(Chunk("three ", null, null, 4)).Event(Chunk("four", "STOP", null, 5)));

        var chunks = await _gemini.Model.CallAsync(Ask("q"));

        Assert.Equal(["one ", "two ", "three ", "four"], chunks.Select(chunk => chunk.TextOf()));
        Assert.Equal(["", "", "", "STOP"], chunks.Select(chunk => chunk.Candidates[0].FinishReason));
        Assert.Equal([2, 3, 7, 8], chunks.Select(chunk => chunk.UsageMetadata.TotalTokenCount));
        Assert.All(chunks, chunk => Assert.False(chunk.Candidates[0].HasContinuationToken));
        Assert.Equal([null, "t2"], Tokens());
    }

    [Fact]
    public async Task GenerateAsync_StreamThatBreaksAtACheckpoint_GoesOnFromIt()
    {
        var read = new Gate();
        _gemini.Server.Enqueue(
            ScriptedReply.Stream().Event(Chunk("one ", null, "t1")).WaitFor(read).Cut(),
            // The next stream breaks before it brings anything, and one ends in silence: each is tried again from where it started.
            ScriptedReply.Stream().Cut(),
            ScriptedReply.Stream(),
            ScriptedReply.Stream().Event(Chunk("two", "STOP")));

        var texts = await ReadAsync("one ", read);

        Assert.Equal(["one ", "two"], texts);
        Assert.Equal([null, "t1", "t1", "t1"], Tokens());
    }

    [Fact]
    public async Task GenerateAsync_StreamThatBreaksBehindACheckpoint_Fails()
    {
        var read = new Gate();
        _gemini.Server.Enqueue(
            ScriptedReply.Stream().Event(Chunk("one ", null, "t1")).Event(Chunk("two", "CONTINUATION", "t2")),
            ScriptedReply.Stream().Event(Chunk("three ")).WaitFor(read).Cut());
        var texts = new List<string>();

        var exception = await Assert.ThrowsAsync<ModelException>(() => ReadAsync("three ", read, texts));

        Assert.Equal(["one ", "two", "three "], texts);
        Assert.Equal((Code.Unavailable, ModelErrorReasons.Unavailable), (exception.Code, exception.Reason));
        Assert.Equal([null, "t2"], Tokens());
    }

    [Fact]
    public async Task GenerateAsync_StreamsThatBringNothing_EndAfterThree()
    {
        var read = new Gate();
        _gemini.Server.Enqueue(ScriptedReply.Stream().Event(Chunk("one ", null, "t1")).WaitFor(read).Cut());
        _gemini.Server.Always(_ => true, ScriptedReply.Stream());

        var exception = await Assert.ThrowsAsync<ModelException>(() => ReadAsync("one ", read));

        Assert.Equal(Code.Unavailable, exception.Code);
        Assert.Equal([null, "t1", "t1", "t1", "t1"], Tokens());
    }

    [Fact]
    public async Task GenerateAsync_ContinuationThatIsRefused_FailsAtOnce()
    {
        _gemini.Server.Enqueue(
            ScriptedReply.Stream().Event(Chunk("one ", "CONTINUATION", "t1")), ScriptedReply.Error(429, "RESOURCE_EXHAUSTED", "slow down", "3s"));

        var exception = await Assert.ThrowsAsync<ModelException>(() => _gemini.Model.CallAsync(Ask("q")));

        Assert.Equal((Code.ResourceExhausted, TimeSpan.FromSeconds(3)), (exception.Code, exception.RetryDelay));
        Assert.Equal(2, _gemini.Server.Requests.Count);
    }

    [Theory]
    [InlineData("STOP")]
    [InlineData("SAFETY")]
    [InlineData("MAX_TOKENS")]
    public async Task GenerateAsync_TokenBesideAFinalReason_IsNotFollowed(string reason)
    {
        _gemini.Server.Enqueue(ScriptedReply.Stream().Event(Chunk("one", reason, "t1")), ScriptedReply.Json(Chunk("one", reason, "t1")));

        var chunk = Assert.Single(await _gemini.Model.CallAsync(Ask("q")));
        var response = Assert.Single(await _gemini.Model.CallAsync(Ask("q", stream: false)));

        Assert.Equal((reason, reason), (chunk.Candidates[0].FinishReason, response.Candidates[0].FinishReason));
        Assert.False(chunk.Candidates[0].HasContinuationToken || response.Candidates[0].HasContinuationToken);
        Assert.Equal(2, _gemini.Server.Requests.Count);
    }

    [Fact]
    public async Task GenerateAsync_EndWithoutAReasonOrAToken_IsLeftToTheCaller()
    {
        _gemini.Server.Enqueue(ScriptedReply.Stream().Event(Chunk("one")));

        Assert.Equal("", Assert.Single(await _gemini.Model.CallAsync(Ask("q"))).Candidates[0].FinishReason);
        Assert.Single(_gemini.Server.Requests);
    }

    private static string Chunk(string text, string? reason = null, string? token = null, int tokens = 1)
    {
        var members = (reason is null ? "" : $",\"finishReason\":\"{reason}\"") + (token is null ? "" : $",\"continuationToken\":\"{token}\"");
        return $$$"""{"candidates":[{"content":{"role":"model","parts":[{"text":"{{{text}}}"}]}{{{members}}}}],"usageMetadata":{"totalTokenCount":{{{tokens}}}}}""";
    }

    private IEnumerable<string?> Tokens() => _gemini.Server.Requests
        .Select(request => request.Body.TryGetProperty("continuationToken", out var token) ? token.GetString() : null);

    // A connection that is cut may take with it what nobody has read yet: the gate opens once the text has come.
    private async Task<List<string>> ReadAsync(string text, Gate gate, List<string>? texts = null)
    {
        texts ??= [];
        await foreach (var chunk in _gemini.Model.GenerateAsync(Ask("q"), CancellationToken.None))
        {
            texts.Add(chunk.TextOf());
            if (texts[^1] == text)
            {
                gate.Open();
            }
        }

        return texts;
    }
}
