using GenAI.Chats.Models.Echo;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Echo;

public sealed class EchoModelTests
{
    private readonly ManualTimeProvider _time = new();

    public static TheoryData<string, string[], int> Texts => new()
    {
        { "hello big world", ["hello ", "big ", "world"], 3 },
        { "hello ", ["hello "], 1 },
        { " a  b", [" ", "a ", " ", "b"], 4 },
        { "one", ["one"], 1 },
        { "line\nbreak tab\tstays", ["line\nbreak ", "tab\tstays"], 2 },
        { "日本 🎉", ["日本 ", "🎉"], 2 },
        { "", [""], 0 },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task GenerateAsync_Stream_GivesAChunkAWordAndEndsOnTheLast(string text, string[] words, int tokens)
    {
        var chunks = await EchoAsync(text);

        Assert.Equal(words, chunks.Select(chunk => chunk.TextOf()));
        Assert.All(chunks, chunk => Assert.Equal(("model", "echo"), (chunk.Candidates[0].Content.Role, chunk.ModelVersion)));
        Assert.All(chunks.SkipLast(1), chunk => Assert.Equal(("", null), (chunk.Candidates[0].FinishReason, chunk.UsageMetadata)));
        Assert.Equal("STOP", chunks[^1].Candidates[0].FinishReason);
        Assert.Equal(
            new UsageMetadata { PromptTokenCount = tokens, CandidatesTokenCount = tokens, TotalTokenCount = 2 * tokens },
            chunks[^1].UsageMetadata);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task GenerateAsync_Unary_GivesAllOfTheTextAtOnce(string text, string[] words, int tokens)
    {
        var response = Assert.Single(await EchoAsync(text, stream: false));

        Assert.Equal(string.Concat(words), Assert.Single(response.Candidates[0].Content.Parts).Text);
        Assert.Equal("STOP", response.Candidates[0].FinishReason);
        Assert.Equal(tokens, response.UsageMetadata.CandidatesTokenCount);
    }

    [Fact]
    public async Task GenerateAsync_SeveralContents_AnswersTheLastUserMessage()
    {
        var model = new EchoModel(_time);

        var answered = await model.CallAsync(Ask([User("first"), Model("call"), new Content { Parts = { new Part { Text = "a " }, new Part { Text = "b" } } }]));
        var none = await model.CallAsync(Ask([Model("only")]));

        Assert.Equal(["a ", "b"], answered.Select(chunk => chunk.TextOf()));
        Assert.Equal([""], none.Select(chunk => chunk.TextOf()));
    }

    [Theory]
    [InlineData("""{"output":"it is warm"}""", "it is warm")]
    [InlineData("""{"result":"warm"}""", "warm")]
    [InlineData("""{"result":42}""", """{"result":42}""")]
    [InlineData("""{"error":"cold","code":7}""", """{"error":"cold","code":7}""")]
    public async Task GenerateAsync_FunctionResponse_IsAnsweredAsText(string response, string expected)
    {
        var part = new Part { FunctionResponse = new FunctionResponse { Name = "f", Response = JsonParser.Default.Parse<Struct>(response) } };

        var chunks = await new EchoModel(_time).CallAsync(Ask([new Content { Role = "user", Parts = { part } }]));

        Assert.Equal(expected, string.Concat(chunks.Select(chunk => chunk.TextOf())));
    }

    [Fact]
    public async Task GenerateAsync_AnyRequest_DoesNotReadTheHistory()
    {
        var request = Ask("a") with { ReadHistoryAsync = _ => throw new InvalidOperationException("The history was read.") };

        Assert.Single(await new EchoModel(_time).CallAsync(request));
    }

    [Fact]
    public async Task GenerateAsync_Repeat_AnswersTheTextEndToEnd()
    {
        var chunks = await EchoAsync("a b", labels: ("echo-repeat", "3"));

        Assert.Equal(["a ", "ba ", "ba ", "b"], chunks.Select(chunk => chunk.TextOf()));
        Assert.Equal((2, 4), (chunks[^1].UsageMetadata.PromptTokenCount, chunks[^1].UsageMetadata.CandidatesTokenCount));
    }

    [Theory]
    [InlineData("MAX_TOKENS", "MAX_TOKENS")]
    [InlineData("none", "")]
    public async Task GenerateAsync_Finish_GivesThatReason(string label, string reason)
    {
        var chunks = await EchoAsync("a b", labels: ("echo-finish", label));

        Assert.Equal(["", reason], chunks.Select(chunk => chunk.Candidates[0].FinishReason));
        Assert.NotNull(chunks[^1].UsageMetadata);
    }

    [Theory]
    [InlineData("1", 0)]
    [InlineData("3", 2)]
    public async Task GenerateAsync_FailAt_FailsInsteadOfThatChunk(string label, int before)
    {
        var came = new List<string>();
        var exception = await Assert.ThrowsAsync<ModelException>(async () =>
        {
            await foreach (var chunk in new EchoModel(_time).GenerateAsync(Ask("a b c", config: Config(("echo-fail-at", label))), CancellationToken.None))
            {
                came.Add(chunk.TextOf());
            }
        });

        Assert.Equal(Code.Unavailable, exception.Code);
        Assert.Equal(before, came.Count);
    }

    [Fact]
    public async Task GenerateAsync_FailAt_HoldsForUnaryCallsAndOnlyForChunksThatAre()
    {
        await Assert.ThrowsAsync<ModelException>(() => EchoAsync("a b", stream: false, ("echo-fail-at", "2")));

        Assert.Equal(2, (await EchoAsync("a b", labels: ("echo-fail-at", "3"))).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_Delay_PassesBeforeEachChunk(bool stream)
    {
        var start = _time.GetUtcNow();
        var call = EchoAsync("a b c", stream, ("echo-delay-ms", "40"));
        for (var i = 0; i < 3; i++)
        {
            Assert.False(call.IsCompleted);
            await _time.WaitForTimerAsync(TimeSpan.FromMilliseconds(40));
            _time.Advance(TimeSpan.FromMilliseconds(40));
        }

        Assert.Equal("a b c", string.Concat((await call).Select(chunk => chunk.TextOf())));
        Assert.Equal(TimeSpan.FromMilliseconds(120), _time.GetUtcNow() - start);
    }

    [Fact]
    public async Task GenerateAsync_CancelledInADelay_Ends()
    {
        using var cancellation = new CancellationTokenSource();
        var call = new EchoModel(_time).CallAsync(Ask("a", config: Config(("echo-delay-ms", "1000"))), cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Theory]
    [InlineData("echo-delay-ms", "soon")]
    [InlineData("echo-delay-ms", "-1")]
    [InlineData("echo-delay-ms", "3600001")]
    [InlineData("echo-delay-ms", "")]
    [InlineData("echo-repeat", "0")]
    [InlineData("echo-repeat", "1.5")]
    [InlineData("echo-repeat", "1000001")]
    [InlineData("echo-fail-at", "0")]
    [InlineData("echo-fail-at", "99999999999")]
    [InlineData("echo-finish", "")]
    [InlineData("echo-call", "")]
    [InlineData("echo-call", """{"args": {}}""")]
    [InlineData("echo-call", """[{"name": "f"}, 1]""")]
    [InlineData("echo-call", """[{"name": "f"}""")]
    [InlineData("echo-call-rounds", "-1")]
    public async Task GenerateAsync_LabelWithABadValue_IsRefused(string label, string value)
    {
        var exception = await Assert.ThrowsAsync<ModelException>(() => EchoAsync("a", labels: (label, value)));

        Assert.Equal(Code.InvalidArgument, exception.Code);
        Assert.StartsWith($"Label {label}: invalid value '{value}'. Expected: ", exception.Message);
    }

    [Theory]
    [InlineData("now", """[{ "name": "now" }]""")]
    [InlineData("""{"name": "now", "id": "1", "args": {"utc": true}}""", """[{ "id": "1", "name": "now", "args": { "utc": true } }]""")]
    [InlineData(""" [{"name": "a"}, {"name": "b"}]""", """[{ "name": "a" }, { "name": "b" }]""")]
    public async Task GenerateAsync_Call_CallsTheFunctionsAndAnswersTheResponse(string label, string calls)
    {
        var response = Assert.Single(await EchoAsync("what time is it?", labels: ("echo-call", label)));

        var candidate = Assert.Single(response.Candidates);
        Assert.Equal(calls, $"[{string.Join(", ", candidate.Content.Parts.Select(part => part.FunctionCall.ToString()))}]");
        Assert.Equal(("model", "STOP"), (candidate.Content.Role, candidate.FinishReason));
        var answered = await new EchoModel(_time).CallAsync(
            Ask([User("what time is it?"), candidate.Content, Answer("noon")], config: Config(("echo-call", label)), model: "echo"));
        Assert.Equal("noon", string.Concat(answered.Select(chunk => chunk.TextOf())));
    }

    [Fact]
    public async Task GenerateAsync_CallRounds_CallsAsOftenBeforeItAnswers()
    {
        var contents = new List<Content> { User("go") };
        for (var round = 1; round <= 3; round++)
        {
            var response = Assert.Single(await CallAsync());
            Assert.Equal("f", Assert.Single(response.Candidates[0].Content.Parts).FunctionCall.Name);
            contents.AddRange([response.Candidates[0].Content, Answer($"{round}")]);
        }

        Assert.Equal("3", Assert.Single(await CallAsync()).TextOf());

        Task<List<GenerateContentResponse>> CallAsync() => new EchoModel(_time).CallAsync(
            Ask(contents, config: Config(("echo-call", "f"), ("echo-call-rounds", "3")), model: "echo"));
    }

    [Fact]
    public async Task GenerateAsync_CallThatIsToFail_Fails() =>
        await Assert.ThrowsAsync<ModelException>(() => EchoAsync("a", labels: [("echo-call", "f"), ("echo-fail-at", "1")]));

    [Fact]
    public async Task GenerateAsync_AnswerThatWouldBeTooLong_IsRefused()
    {
        var exception = await Assert.ThrowsAsync<ModelException>(() => EchoAsync(new string('a', 100), labels: ("echo-repeat", "1000000")));

        Assert.Equal(Code.InvalidArgument, exception.Code);
        Assert.Contains("echo-repeat", exception.Message);
    }

    private static Content Answer(string output) => new()
    {
        Role = "user",
        Parts =
        {
            new Part { FunctionResponse = new FunctionResponse { Name = "f", Response = new Struct { Fields = { ["output"] = Value.ForString(output) } } } },
        },
    };

    private Task<List<GenerateContentResponse>> EchoAsync(string text, bool stream = true, params (string, string)[] labels) =>
        new EchoModel(_time).CallAsync(Ask(text, stream, Config(labels), "echo"));

    private static GenerateContentConfig Config(params (string Key, string Value)[] labels)
    {
        var config = new GenerateContentConfig { Labels = { ["team"] = "not the model's" } };
        foreach (var (key, value) in labels)
        {
            config.Labels[key] = value;
        }

        return config;
    }
}
