using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Gemini;

public sealed class GeminiModelTests : IAsyncLifetime
{
    private GeminiModelFixture _gemini = null!;

    public async Task InitializeAsync() => _gemini = await GeminiModelFixture.StartAsync();

    public async Task DisposeAsync() => await _gemini.DisposeAsync();

    [Fact]
    public async Task GenerateAsync_Unary_SendsHistoryThenContentsAndGivesTheResponse()
    {
        _gemini.Server.Enqueue(ScriptedReply.Text("hello"));

        var responses = await _gemini.Model.CallAsync(Ask("3", stream: false, history: [User("1"), Model("2")]));

        Assert.Equal("hello", Assert.Single(responses).TextOf());
        Assert.Equal("STOP", responses[0].Candidates[0].FinishReason);
        var request = Assert.Single(_gemini.Server.Requests);
        Assert.Equal("/v1/models/gemini-2.5-flash:generateContent", request.Path);
        Assert.Equal(
            """{"contents":[{"role":"user","parts":[{"text":"1"}]},{"role":"model","parts":[{"text":"2"}]},{"role":"user","parts":[{"text":"3"}]}]}""",
            request.Body.GetRawText());
    }

    [Fact]
    public async Task GenerateAsync_AnyCall_HasTheHeaders()
    {
        _gemini.Server.Enqueue(ScriptedReply.Text("a"), ScriptedReply.Text("b"));

        await _gemini.Model.CallAsync(Ask("q", stream: false));
        await _gemini.Model.CallAsync(Ask("q", stream: false, new GenerateContentConfig { HttpOptions = new HttpOptions { Timeout = 120_500 } }));

        var headers = _gemini.Server.Requests[0].Headers;
        Assert.Equal(GeminiModelFixture.Key, headers["x-goog-api-key"]);
        Assert.Equal("application/json", headers["Content-Type"]);
        Assert.Matches(@"^genai-orleans/\d+\.\d+\.\d+ gl-dotnet/\d+\.\d+\.\d+$", headers["User-Agent"]);
        Assert.Equal(headers["User-Agent"], headers["x-goog-api-client"]);
        Assert.DoesNotContain("X-Server-Timeout", headers);
        Assert.Equal("121", _gemini.Server.Requests[1].Headers["X-Server-Timeout"]);
    }

    [Theory]
    [InlineData("gemini-2.5-flash", "/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse")]
    [InlineData("models/gemini-2.5-flash", "/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse")]
    [InlineData("tunedModels/mine-1", "/v1/tunedModels/mine-1:streamGenerateContent?alt=sse")]
    public async Task GenerateAsync_Stream_CallsTheModelsPath(string model, string path)
    {
        _gemini.Server.Enqueue(ScriptedReply.StreamOf("a"));

        await _gemini.Model.CallAsync(Ask("q", model: model));

        Assert.Equal(path, _gemini.Server.Requests[0].Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gemini-../x")]
    [InlineData("gemini-a?b")]
    [InlineData("gemini-a&b")]
    [InlineData("gemini-a#b")]
    [InlineData("gemini-%2e")]
    [InlineData("gemini a")]
    public async Task GenerateAsync_NameThatNoModelHas_IsRefusedWithoutACall(string model)
    {
        var exception = await Assert.ThrowsAsync<ModelException>(() => _gemini.Model.CallAsync(Ask("q", model: model)));

        Assert.Equal(Code.InvalidArgument, exception.Code);
        Assert.Contains($"'{model}'", exception.Message);
        Assert.Empty(_gemini.Server.Requests);
    }

    [Fact]
    public async Task GenerateAsync_Stream_GivesEachChunkAsItComes()
    {
        var gate = new Gate();
        _gemini.Server.Enqueue(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).WaitFor(gate).Event(GeminiJson.Text("two", "STOP", (3, 2))));

        await using var responses = _gemini.Model.GenerateAsync(Ask("q"), CancellationToken.None).GetAsyncEnumerator();

        Assert.True(await responses.MoveNextAsync());
        Assert.Equal("one ", responses.Current.TextOf());
        gate.Open();
        Assert.True(await responses.MoveNextAsync());
        Assert.Equal("two", responses.Current.TextOf());
        Assert.Equal(5, responses.Current.UsageMetadata.TotalTokenCount);
        Assert.False(await responses.MoveNextAsync());
    }

    [Fact]
    public async Task GenerateAsync_StreamThatEndsInDone_EndsThere()
    {
        _gemini.Server.Enqueue(ScriptedReply.StreamOf("a").Write("data: [DONE]\n\n"));

        Assert.Single(await _gemini.Model.CallAsync(Ask("q")));
    }

    [Fact]
    public async Task GenerateAsync_UnknownMembers_ComeBackUnchangedInTheNextRequest()
    {
        const string Part = """{"text":"a","thoughtSignature":"Ab-_+/==","newKind":{"id":"7","deep":[1,null]}}""";
        _gemini.Server.Enqueue(
            ScriptedReply.Stream().Event($$"""{"candidates":[{"content":{"role":"model","parts":[{{Part}}],"newMember":1},"newOne":true}],"newTop":[1]}"""),
            ScriptedReply.StreamOf("b"));

        var first = Assert.Single(await _gemini.Model.CallAsync(Ask("q")));
        await _gemini.Model.CallAsync(Ask("again", history: [User("q"), first.Candidates[0].Content]));

        Assert.True(first.Candidates[0].Extra.Fields["newOne"].BoolValue);
        Assert.True(first.Extra.Fields.ContainsKey("newTop"));
        Assert.Equal($$"""{"role":"model","parts":[{{Part}}],"newMember":1}""", _gemini.Server.Requests[1].Body.GetProperty("contents")[1].GetRawText());
    }

    [Fact]
    public async Task GenerateAsync_EventOf30MB_IsRead()
    {
        var data = new byte[30 * 1024 * 1024 * 3 / 4];
        new Random(1).NextBytes(data);
        _gemini.Server.Enqueue(ScriptedReply.Stream().Event(
            $$$"""{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"{{{Convert.ToBase64String(data)}}}"}}]}}]}"""));

        var response = Assert.Single(await _gemini.Model.CallAsync(Ask("q")));

        Assert.True(response.Candidates[0].Content.Parts[0].InlineData.Data.Span.SequenceEqual(data));
    }

    [Fact]
    public async Task GenerateAsync_Cancelled_ClosesTheConnectionAtOnce()
    {
        using var cancellation = new CancellationTokenSource();
        _gemini.Server.Enqueue(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).Hang());
        await using var responses = _gemini.Model.GenerateAsync(Ask("q"), cancellation.Token).GetAsyncEnumerator();
        Assert.True(await responses.MoveNextAsync());

        // Nobody is reading now: the connection must go all the same.
        await cancellation.CancelAsync();

        await _gemini.Server.Requests[0].ClosedByClient.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await responses.MoveNextAsync());
    }

    [Fact]
    public async Task GenerateAsync_CancelledBeforeTheHeaders_ClosesTheConnection()
    {
        using var cancellation = new CancellationTokenSource();
        var gate = new Gate();
        _gemini.Server.Enqueue(ScriptedReply.Stream().WaitSilentlyFor(gate));
        var call = _gemini.Model.CallAsync(Ask("q"), cancellation.Token);
        await gate.Reached;

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await _gemini.Server.Requests[0].ClosedByClient.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task GenerateAsync_ReaderStopsEarly_ClosesTheConnection()
    {
        _gemini.Server.Enqueue(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).Hang());

        await foreach (var _ in _gemini.Model.GenerateAsync(Ask("q"), CancellationToken.None))
        {
            break;
        }

        await _gemini.Server.Requests[0].ClosedByClient.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task GenerateAsync_ManyConversationsAtOnce_EachGetsItsAnswer()
    {
        const int Conversations = 50;
        for (var i = 0; i < Conversations; i++)
        {
            var text = $"q{i}";
            _gemini.Server.EnqueueFor(request => request.LastText == text, ScriptedReply.StreamOf($"a{i} ", "end"));
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, Conversations).Select(i => _gemini.Model.CallAsync(Ask($"q{i}"))));

        Assert.Equal(Enumerable.Range(0, Conversations).Select(i => $"a{i} end"), answers.Select(chunks => string.Concat(chunks.Select(chunk => chunk.TextOf()))));
    }

    [Theory]
    [InlineData(5000, null)]
    [InlineData(null, "00:00:05")]
    [InlineData(60_000, "00:00:05")]
    public async Task GenerateAsync_LongerThanTheTimeout_IsDeadlineExceeded(int? ofConfig, string? ofRoute)
    {
        var time = new ManualTimeProvider();
        await using var gemini = await GeminiModelFixture.StartAsync(
            time, ("Models:Routes:0:Name", "*"), ("Models:Routes:0:Provider", "gemini"), ("Models:Routes:0:Timeout", ofRoute));
        gemini.Server.Enqueue(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).Hang());
        var options = ofConfig is { } milliseconds ? new HttpOptions { Timeout = milliseconds } : null;
        await using var responses = gemini.Model
            .GenerateAsync(Ask("q", config: new GenerateContentConfig { HttpOptions = options }), CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await responses.MoveNextAsync());
        var next = responses.MoveNextAsync().AsTask();

        time.Advance(TimeSpan.FromSeconds(5));

        var exception = await Assert.ThrowsAsync<ModelException>(() => next);
        Assert.Equal((Code.DeadlineExceeded, ModelErrorReasons.Timeout), (exception.Code, exception.Reason));
        await gemini.Server.Requests[0].ClosedByClient.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task GenerateAsync_TimeoutThatIsNone_IsRefused()
    {
        var config = new GenerateContentConfig { HttpOptions = new HttpOptions { Timeout = 0 } };

        var exception = await Assert.ThrowsAsync<ModelException>(() => _gemini.Model.CallAsync(Ask("q", config: config)));

        Assert.Equal(Code.InvalidArgument, exception.Code);
        Assert.Contains("config.http_options.timeout", exception.Message);
    }
}
