using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.ScriptedGemini;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Gemini;

public sealed class GeminiErrorTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private GeminiModelFixture _gemini = null!;

    public static TheoryData<int, string, Code, string> Statuses => new()
    {
        { 400, "INVALID_ARGUMENT", Code.InvalidArgument, ModelErrorReasons.InvalidRequest },
        { 401, "UNAUTHENTICATED", Code.FailedPrecondition, ModelErrorReasons.Credentials },
        { 403, "PERMISSION_DENIED", Code.FailedPrecondition, ModelErrorReasons.Credentials },
        { 404, "NOT_FOUND", Code.NotFound, ModelErrorReasons.NotFound },
        { 413, "", Code.InvalidArgument, ModelErrorReasons.InvalidRequest },
        { 429, "RESOURCE_EXHAUSTED", Code.ResourceExhausted, ModelErrorReasons.QuotaExceeded },
        { 499, "CANCELLED", Code.Unavailable, ModelErrorReasons.Unavailable },
        { 500, "INTERNAL", Code.Unavailable, ModelErrorReasons.Unavailable },
        { 502, "", Code.Unavailable, ModelErrorReasons.Unavailable },
        { 503, "UNAVAILABLE", Code.Unavailable, ModelErrorReasons.Unavailable },
        { 504, "DEADLINE_EXCEEDED", Code.DeadlineExceeded, ModelErrorReasons.Timeout },
    };

    public async Task InitializeAsync() => _gemini = await GeminiModelFixture.StartAsync(_time);

    public async Task DisposeAsync() => await _gemini.DisposeAsync();

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task GenerateAsync_ErrorStatus_IsMapped(int status, string name, Code code, string reason)
    {
        var inBody = await FailAsync(ScriptedReply.Error(status, name, "it is so"));
        var asText = await FailAsync(ScriptedReply.Body("<html>secret page</html>", "text/html", status));
        var inStream = await FailAsync(ScriptedReply.Stream().Event(GeminiJson.Error(status, name, "it is so")));

        Assert.Equal((code, reason, "it is so"), (inBody.Code, inBody.Reason, inBody.Message));
        Assert.Equal((code, reason, "it is so"), (inStream.Code, inStream.Reason, inStream.Message));
        Assert.Equal((code, reason), (asText.Code, asText.Reason));
        Assert.StartsWith("The model API returned", asText.Message);
        Assert.Contains($"{status}", asText.Message);
        Assert.DoesNotContain("secret page", asText.Message);
    }

    [Theory]
    [InlineData("""[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}]""")]
    [InlineData("""{"error":{"message":"m","status":"RESOURCE_EXHAUSTED"}}""")]
    [InlineData("""{"error":{"code":"429","message":"m","status":"RESOURCE_EXHAUSTED","details":{}}}""")]
    [InlineData("""{"error":{"code":429,"message":"m","details":[1,{"retryDelay":5},{"retryDelay":"soon"}]}}""")]
    public async Task GenerateAsync_ErrorOfAnyShape_IsMapped(string body)
    {
        foreach (var reply in (ScriptedReply[])[ScriptedReply.Json(body, 429), ScriptedReply.Json(body), ScriptedReply.Stream().Event(body), ScriptedReply.Stream().Write(body)])
        {
            var exception = await FailAsync(reply);
            Assert.Equal((Code.ResourceExhausted, "m", null), (exception.Code, exception.Message, exception.RetryDelay));
        }
    }

    [Fact]
    public async Task GenerateAsync_ErrorThatIsAStringOrHasNoMessage_SaysWhatIsKnown()
    {
        Assert.Equal("boom", (await FailAsync(ScriptedReply.Json("""{"error":"boom"}""", 503))).Message);
        Assert.Equal("The model API returned 503 Service Unavailable.", (await FailAsync(ScriptedReply.Json("""{"error":{}}""", 503))).Message);
        Assert.Equal("The model API returned 503 Service Unavailable.", (await FailAsync(ScriptedReply.Json("", 503))).Message);
    }

    [Theory]
    [InlineData("53s", 53)]
    [InlineData("1.5s", 1.5)]
    public async Task GenerateAsync_RetryInfo_GivesTheDelay(string delay, double seconds)
    {
        var exception = await FailAsync(ScriptedReply.Error(429, "RESOURCE_EXHAUSTED", "m", delay));

        Assert.Equal(TimeSpan.FromSeconds(seconds), exception.RetryDelay);
    }

    [Fact]
    public async Task GenerateAsync_RetryAfter_GivesTheDelayWhereTheBodyHasNone()
    {
        var inSeconds = ScriptedReply.Error(503, "UNAVAILABLE", "m");
        inSeconds.Headers["Retry-After"] = "7";
        var atDate = ScriptedReply.Error(503, "UNAVAILABLE", "m");
        atDate.Headers["Retry-After"] = _time.GetUtcNow().AddSeconds(90).ToString("R");
        var both = ScriptedReply.Error(429, "RESOURCE_EXHAUSTED", "m", "3s");
        both.Headers["Retry-After"] = "7";

        Assert.Equal(TimeSpan.FromSeconds(7), (await FailAsync(inSeconds)).RetryDelay);
        Assert.Equal(TimeSpan.FromSeconds(90), (await FailAsync(atDate)).RetryDelay);
        Assert.Equal(TimeSpan.FromSeconds(3), (await FailAsync(both)).RetryDelay);
    }

    [Fact]
    public async Task GenerateAsync_RefusedKey_IsAMatterOfCredentialsAndNeverShown()
    {
        var exception = await FailAsync(ScriptedReply.Json(
            $$$"""{"error":{"code":400,"message":"API key {{{GeminiModelFixture.Key}}} not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}""",
            400));

        Assert.Equal((Code.FailedPrecondition, ModelErrorReasons.Credentials), (exception.Code, exception.Reason));
        Assert.Equal("API key *** not valid.", exception.Message);
    }

    [Fact]
    public async Task GenerateAsync_NoKey_NamesTheVariables()
    {
        await using var gemini = await GeminiModelFixture.StartAsync(null, ("GEMINI_API_KEY", null));

        var exception = await Assert.ThrowsAsync<ModelException>(() => gemini.Model.CallAsync(Ask("q")));

        Assert.Equal((Code.FailedPrecondition, ModelErrorReasons.Credentials), (exception.Code, exception.Reason));
        Assert.Contains("GEMINI_API_KEY", exception.Message);
        Assert.Empty(gemini.Server.Requests);
    }

    [Fact]
    public async Task GenerateAsync_ErrorAfterChunks_ComesAfterThem()
    {
        const string Pretty = "{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"overloaded\",\n    \"status\": \"UNAVAILABLE\"\n  }\n}\n";
        _gemini.Server.Enqueue(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).Write(Pretty).Hang());
        await using var responses = _gemini.Model.GenerateAsync(Ask("q"), CancellationToken.None).GetAsyncEnumerator();

        Assert.True(await responses.MoveNextAsync());
        var exception = await Assert.ThrowsAsync<ModelException>(async () => await responses.MoveNextAsync());

        Assert.Equal((Code.Unavailable, "overloaded"), (exception.Code, exception.Message));
    }

    [Fact]
    public async Task GenerateAsync_ResponseThatBreaksOffOrIsNoJson_IsUnavailable()
    {
        var torn = await FailAsync(ScriptedReply.Stream().Write("data: {\"candidates\": [{"));
        var noJson = await FailAsync(ScriptedReply.Stream().Event("hello"));
        var unary = await FailAsync(ScriptedReply.Json("[]"), stream: false);
        var cut = await FailAsync(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).Cut());

        Assert.All([torn, noJson, unary], exception =>
            Assert.Equal((Code.Unavailable, ModelErrorReasons.MalformedResponse), (exception.Code, exception.Reason)));
        Assert.Equal((Code.Unavailable, ModelErrorReasons.Unavailable), (cut.Code, cut.Reason));
    }

    [Fact]
    public async Task GenerateAsync_Redirect_IsNotFollowed()
    {
        var redirect = ScriptedReply.Json("{}", 307);
        redirect.Headers["Location"] = new Uri(_gemini.Server.BaseUrl, "/elsewhere").ToString();

        var exception = await FailAsync(redirect);

        Assert.Equal(Code.Unavailable, exception.Code);
        Assert.Single(_gemini.Server.Requests);
    }

    [Fact]
    public async Task GenerateAsync_NoServer_IsUnavailable()
    {
        await _gemini.Server.DisposeAsync();

        var exception = await Assert.ThrowsAsync<ModelException>(() => _gemini.Model.CallAsync(Ask("q")));

        Assert.Equal((Code.Unavailable, ModelErrorReasons.Unavailable), (exception.Code, exception.Reason));
        Assert.DoesNotContain(GeminiModelFixture.Key, exception.ToString());
    }

    private async Task<ModelException> FailAsync(ScriptedReply reply, bool stream = true)
    {
        _gemini.Server.Enqueue(reply);
        return await Assert.ThrowsAsync<ModelException>(() => _gemini.Model.CallAsync(Ask("q", stream)));
    }
}
