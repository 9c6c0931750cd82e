using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.OpenAi;

public sealed class OpenAiErrorTests : IAsyncLifetime
{
    private OpenAiFixture _openAi = null!;

    public static TheoryData<int, Code, string> Statuses => new()
    {
        { 400, Code.InvalidArgument, ModelErrorReasons.InvalidRequest },
        { 401, Code.FailedPrecondition, ModelErrorReasons.Credentials },
        { 403, Code.FailedPrecondition, ModelErrorReasons.Credentials },
        { 404, Code.NotFound, ModelErrorReasons.NotFound },
        { 408, Code.DeadlineExceeded, ModelErrorReasons.Timeout },
        { 413, Code.InvalidArgument, ModelErrorReasons.InvalidRequest },
        { 422, Code.InvalidArgument, ModelErrorReasons.InvalidRequest },
        { 429, Code.ResourceExhausted, ModelErrorReasons.QuotaExceeded },
        { 500, Code.Unavailable, ModelErrorReasons.Unavailable },
        { 502, Code.Unavailable, ModelErrorReasons.Unavailable },
        { 503, Code.Unavailable, ModelErrorReasons.Unavailable },
        { 504, Code.DeadlineExceeded, ModelErrorReasons.Timeout },
    };

    public async Task InitializeAsync() => _openAi = await OpenAiFixture.StartAsync();

    public async Task DisposeAsync() => await _openAi.DisposeAsync();

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task GenerateAsync_ErrorStatus_IsMapped(int status, Code code, string reason)
    {
        var inBody = await FailAsync(OpenAiReply.Error(status, "invalid_request_error", "it is so"));
        var asPage = await FailAsync(ScriptedReply.Body("<html>secret page</html>", "text/html", status));

        Assert.Equal((code, reason, "it is so"), (inBody.Code, inBody.Reason, inBody.Message));
        Assert.Equal((code, reason), (asPage.Code, asPage.Reason));
        Assert.DoesNotContain("secret page", asPage.Message);
    }

    [Theory]
    [InlineData("""{"error":{"message":"m","type":"server_error","code":null}}""", Code.Unavailable)]
    [InlineData("""{"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}}""", Code.ResourceExhausted)]
    [InlineData("""{"error":{"message":"m","type":"invalid_request_error","code":"invalid_api_key"}}""", Code.FailedPrecondition)]
    [InlineData("""{"error":{"message":"m","type":"invalid_request_error","code":"model_not_found"}}""", Code.NotFound)]
    [InlineData("""{"error":{"message":"m","type":"invalid_request_error","code":"context_length_exceeded"}}""", Code.InvalidArgument)]
    [InlineData("""{"error":{"message":"m","type":"BadRequestError","code":400}}""", Code.InvalidArgument)]
    [InlineData("""{"object":"error","message":"m","type":"NotFoundError","code":404}""", Code.NotFound)]
    [InlineData("""{"error":{"message":"m","type":"something_new"}}""", Code.Unavailable)]
    [InlineData("""{"error":"m"}""", Code.Unavailable)]
    public async Task GenerateAsync_ErrorUnderStatus200_IsMapped(string body, Code code)
    {
        foreach (var exception in (ModelException[])
            [await FailAsync(ScriptedReply.Stream().Event(body)), await FailAsync(ScriptedReply.Stream().Write($"event: error\ndata: {body}\n\n")), await FailAsync(ScriptedReply.Json(body), stream: false)])
        {
            Assert.Equal((code, "m"), (exception.Code, exception.Message));
        }
    }

    [Fact]
    public async Task GenerateAsync_ErrorBehindChunks_ComesAfterThem()
    {
        _openAi.Server.Enqueue(ScriptedReply.Stream().Event(OpenAiReply.Chunk("""{"content":"a"}""")).Event(OpenAiReply.ErrorJson("server_error", "gone")));
        await using var responses = _openAi.Model.GenerateAsync(Ask("q"), CancellationToken.None).GetAsyncEnumerator();

        Assert.True(await responses.MoveNextAsync());
        var exception = await Assert.ThrowsAsync<ModelException>(async () => await responses.MoveNextAsync());

        Assert.Equal((Code.Unavailable, "gone"), (exception.Code, exception.Message));
    }

    [Theory]
    [InlineData("Retry-After", "7", 7d)]
    [InlineData("retry-after-ms", "1500", 1.5)]
    [InlineData("x-ratelimit-reset-tokens", "6m0s", 360d)]
    [InlineData("x-ratelimit-reset-tokens", "1.5s", 1.5)]
    [InlineData("x-ratelimit-reset-tokens", "20ms", 0.02)]
    [InlineData("x-ratelimit-reset-tokens", "1h2m3s", 3723d)]
    [InlineData("x-ratelimit-reset-tokens", "soon", null)]
    [InlineData("x-ratelimit-reset-requests", "9s", null)]
    public async Task GenerateAsync_HeadersThatSayWhen_GiveTheDelay(string header, string value, double? seconds)
    {
        var reply = OpenAiReply.Error(429, "tokens", "m", "rate_limit_exceeded");
        reply.Headers["x-ratelimit-remaining-tokens"] = "0";
        reply.Headers["x-ratelimit-remaining-requests"] = "5";
        reply.Headers[header] = value;

        var exception = await FailAsync(reply);

        Assert.Equal(seconds is { } delay ? TimeSpan.FromSeconds(delay) : null, exception.RetryDelay);
    }

    [Fact]
    public async Task GenerateAsync_StreamThatBreaksOff_IsUnavailable()
    {
        var noEnd = await FailAsync(ScriptedReply.Stream().Event(OpenAiReply.Chunk("""{"content":"a"}""")));
        var nothing = await FailAsync(ScriptedReply.Stream());
        var torn = await FailAsync(ScriptedReply.Stream().Write("data: {\"choices\": [{"));
        var list = await FailAsync(ScriptedReply.Stream().Event("[1]"));

        Assert.All([noEnd, nothing], exception => Assert.Equal(ModelErrorReasons.Unavailable, exception.Reason));
        Assert.All([torn, list], exception => Assert.Equal(ModelErrorReasons.MalformedResponse, exception.Reason));
        Assert.All([noEnd, nothing, torn, list], exception => Assert.Equal(Code.Unavailable, exception.Code));
    }

    [Fact]
    public async Task GenerateAsync_EndOfConnectionBehindTheFinishReason_IsAnEnd()
    {
        _openAi.Server.Enqueue(ScriptedReply.Stream().Event(OpenAiReply.Chunk("""{"content":"a"}""", "stop")));

        Assert.Single(await _openAi.Model.CallAsync(Ask("q")));
    }

    [Fact]
    public async Task GenerateAsync_LongerThanTheTimeout_IsDeadlineExceeded()
    {
        var time = new ManualTimeProvider();
        await using var host = ModelsHost.Build(
            services => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<TimeProvider>(services, time),
            ("OPENAI_BASE_URL", _openAi.Server.ApiUrl.ToString()));
        _openAi.Server.Enqueue(ScriptedReply.Stream().Event(OpenAiReply.Chunk("""{"content":"a"}""")).Hang());
        await using var responses = host["gpt-5"].GenerateAsync(Ask("q"), CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await responses.MoveNextAsync());
        var next = responses.MoveNextAsync().AsTask();

        time.Advance(TimeSpan.FromMinutes(10));

        var exception = await Assert.ThrowsAsync<ModelException>(() => next);
        Assert.Equal((Code.DeadlineExceeded, ModelErrorReasons.Timeout), (exception.Code, exception.Reason));
        await _openAi.Server.Requests[0].ClosedByClient.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task GenerateAsync_Cancelled_ClosesTheConnectionAtOnce()
    {
        using var cancellation = new CancellationTokenSource();
        _openAi.Server.Enqueue(ScriptedReply.Stream().Event(OpenAiReply.Chunk("""{"content":"a"}""")).Hang());
        await using var responses = _openAi.Model.GenerateAsync(Ask("q"), cancellation.Token).GetAsyncEnumerator();
        Assert.True(await responses.MoveNextAsync());

        await cancellation.CancelAsync();

        await _openAi.Server.Requests[0].ClosedByClient.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await responses.MoveNextAsync());
    }

    private async Task<ModelException> FailAsync(ScriptedReply reply, bool stream = true)
    {
        _openAi.Server.Enqueue(reply);
        return await Assert.ThrowsAsync<ModelException>(() => _openAi.Model.CallAsync(Ask("q", stream)));
    }
}
