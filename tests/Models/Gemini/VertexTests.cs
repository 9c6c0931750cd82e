using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Gemini;

public sealed class VertexTests : IAsyncLifetime
{
    private ScriptedGeminiServer _server = null!;

    public async Task InitializeAsync() => _server = await ScriptedGeminiServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("gemini-2.5-flash", "publishers/google/models/gemini-2.5-flash")]
    [InlineData("publishers/google/models/gemini-x", "publishers/google/models/gemini-x")]
    [InlineData("meta/llama-4", "publishers/meta/models/llama-4")]
    [InlineData("models/mine", "models/mine")]
    public async Task GenerateAsync_Key_CallsTheModelWithoutAProject(string model, string path)
    {
        await using var models = Start(("GOOGLE_API_KEY", "express-key"));
        _server.Enqueue(ScriptedReply.Text("a"), ScriptedReply.StreamOf("b"));

        await models["*"].CallAsync(Ask("q", stream: false, model: model));
        await models["*"].CallAsync(Ask("q", model: model));

        Assert.Equal(
            [$"/v1beta1/{path}:generateContent", $"/v1beta1/{path}:streamGenerateContent?alt=sse"], _server.Requests.Select(request => request.Path));
        Assert.All(_server.Requests, request => Assert.Equal("express-key", request.Headers["x-goog-api-key"]));
        Assert.All(_server.Requests, request => Assert.DoesNotContain("Authorization", request.Headers));
    }

    [Theory]
    [InlineData("gemini-2.5-flash", "projects/p1/locations/europe-west4/publishers/google/models/gemini-2.5-flash")]
    [InlineData("projects/other/locations/us/endpoints/7", "projects/other/locations/us/endpoints/7")]
    public async Task GenerateAsync_ServiceAccount_ExchangesItsKeyForATokenOnce(string model, string path)
    {
        using var account = new ServiceAccount(_server.TokenUrl, quotaProject: "payer");
        await using var models = Start(
            ("GOOGLE_APPLICATION_CREDENTIALS", account.File), ("GOOGLE_CLOUD_PROJECT", "p1"), ("GOOGLE_CLOUD_LOCATION", "europe-west4"));
        _server.EnqueueTokens(ServiceAccount.Token("token-1"));
        _server.Enqueue(ScriptedReply.Text("a"), ScriptedReply.Text("b"));

        await models["*"].CallAsync(Ask("q", stream: false, model: model));
        await models["*"].CallAsync(Ask("q", stream: false, model: model));

        var exchange = Assert.Single(_server.Requests, ScriptedGeminiServer.IsForToken);
        Assert.Equal("urn:ietf:params:oauth:grant-type:jwt-bearer", exchange.Body.GetProperty("grant_type").GetString());
        Assert.Equal(3, exchange.Body.GetProperty("assertion").GetString()!.Split('.').Length);
        var calls = _server.Requests.Where(request => !ScriptedGeminiServer.IsForToken(request)).ToList();
        Assert.Equal(2, calls.Count);
        Assert.All(calls, call => Assert.Equal(
            ($"/v1beta1/{path}:generateContent", "Bearer token-1", "payer"),
            (call.Path, call.Headers["Authorization"], call.Headers["x-goog-user-project"])));
        Assert.All(calls, call => Assert.DoesNotContain("x-goog-api-key", call.Headers));
    }

    [Fact]
    public async Task GenerateAsync_TokenThatHasExpired_IsExchangedAgain()
    {
        using var account = new ServiceAccount(_server.TokenUrl);
        await using var models = Start(("GOOGLE_APPLICATION_CREDENTIALS", account.File));
        _server.EnqueueTokens(ServiceAccount.Token("token-1", expiresInSeconds: 0), ServiceAccount.Token("token-2"));
        _server.Enqueue(ScriptedReply.Text("a"), ScriptedReply.Text("b"));

        await models["*"].CallAsync(Ask("q", stream: false));
        await models["*"].CallAsync(Ask("q", stream: false));

        Assert.Equal("Bearer token-2", _server.Requests[^1].Headers["Authorization"]);
    }

    [Fact]
    public async Task GenerateAsync_NothingButCredentials_TakesTheirProjectAndTheGlobalLocation()
    {
        using var account = new ServiceAccount(_server.TokenUrl, project: "own-project");
        await using var models = Start(("GOOGLE_APPLICATION_CREDENTIALS", account.File));
        _server.EnqueueTokens(ServiceAccount.Token("token-1"));
        _server.Enqueue(ScriptedReply.Text("a"));

        await models["*"].CallAsync(Ask("q", stream: false, model: "gemini-x"));

        Assert.Equal("/v1beta1/projects/own-project/locations/global/publishers/google/models/gemini-x:generateContent", _server.Requests[^1].Path);
    }

    [Fact]
    public async Task GenerateAsync_NoProjectAnywhere_SaysWhereToSetIt()
    {
        using var account = new ServiceAccount(_server.TokenUrl, project: null);
        await using var models = Start(("GOOGLE_APPLICATION_CREDENTIALS", account.File));
        _server.EnqueueTokens(ServiceAccount.Token("token-1"));

        var exception = await Assert.ThrowsAsync<ModelException>(() => models["*"].CallAsync(Ask("q")));

        Assert.Equal((Code.FailedPrecondition, ModelErrorReasons.Credentials), (exception.Code, exception.Reason));
        Assert.Contains("GOOGLE_CLOUD_PROJECT", exception.Message);
    }

    [Fact]
    public async Task GenerateAsync_CredentialsThatAreRefused_FailWithoutWhatWasSent()
    {
        using var account = new ServiceAccount(_server.TokenUrl);
        await using var models = Start(("GOOGLE_APPLICATION_CREDENTIALS", account.File));
        _server.EnqueueTokens(ScriptedReply.Json("""{"error":"invalid_grant","error_description":"the assertion was secret-assertion"}""", 400));

        var exception = await Assert.ThrowsAsync<ModelException>(() => models["*"].CallAsync(Ask("q")));

        Assert.Equal((Code.FailedPrecondition, ModelErrorReasons.Credentials), (exception.Code, exception.Reason));
        Assert.Equal("Google rejected the server's credentials: invalid_grant.", exception.Message);
        Assert.DoesNotContain("secret-assertion", exception.ToString());
    }

    [Fact]
    public async Task GenerateAsync_CredentialsFileThatComesLate_IsFoundByTheNextCall()
    {
        using var account = new ServiceAccount(_server.TokenUrl);
        var missing = account.File + ".late";
        await using var models = Start(("GOOGLE_APPLICATION_CREDENTIALS", missing));

        var exception = await Assert.ThrowsAsync<ModelException>(() => models["*"].CallAsync(Ask("q")));
        Assert.Equal((Code.FailedPrecondition, ModelErrorReasons.Credentials), (exception.Code, exception.Reason));

        File.Copy(account.File, missing);
        try
        {
            _server.EnqueueTokens(ServiceAccount.Token("token-1"));
            _server.Enqueue(ScriptedReply.StreamOf("a"));
            Assert.Single(await models["*"].CallAsync(Ask("q")));
        }
        finally
        {
            File.Delete(missing);
        }
    }

    [Theory]
    [InlineData("GOOGLE_GENAI_USE_VERTEXAI", "true")]
    [InlineData("GOOGLE_GENAI_USE_VERTEXAI", "1")]
    [InlineData("GOOGLE_GENAI_USE_ENTERPRISE", "True")]
    public async Task GenerateAsync_EnvironmentSaysVertex_ProviderGeminiIsVertex(string variable, string value)
    {
        await using var models = Start(("Models:Routes:0:Provider", "gemini"), ("GOOGLE_API_KEY", "k"), (variable, value));
        _server.Enqueue(ScriptedReply.Text("a"));

        await models["*"].CallAsync(Ask("q", stream: false, model: "gemini-x"));

        Assert.Equal("/v1beta1/publishers/google/models/gemini-x:generateContent", _server.Requests[0].Path);
    }

    [Theory]
    // What the route says counts for more than the environment, and a place for more than a key from the same source.
    [InlineData("route-key", null, "env-key", "env-project", "/v1beta1/publishers/google/models/gemini-x:generateContent")]
    [InlineData(null, "route-project", "env-key", null, "/v1beta1/projects/route-project/locations/global/publishers/google/models/gemini-x:generateContent")]
    [InlineData(null, null, "env-key", "env-project", "/v1beta1/projects/env-project/locations/global/publishers/google/models/gemini-x:generateContent")]
    [InlineData(null, null, "env-key", null, "/v1beta1/publishers/google/models/gemini-x:generateContent")]
    public async Task GenerateAsync_KeyAndProject_AreChosenAsTheSdksDo(
        string? routeKey, string? routeProject, string? environmentKey, string? environmentProject, string path)
    {
        using var account = new ServiceAccount(_server.TokenUrl);
        await using var models = Start(
            ("Models:Routes:0:Key", routeKey), ("Models:Routes:0:Project", routeProject), ("GOOGLE_API_KEY", environmentKey),
            ("GOOGLE_CLOUD_PROJECT", environmentProject), ("GOOGLE_APPLICATION_CREDENTIALS", account.File));
        _server.EnqueueTokens(ServiceAccount.Token("token-1"));
        _server.Enqueue(ScriptedReply.Text("a"));

        await models["*"].CallAsync(Ask("q", stream: false, model: "gemini-x"));

        Assert.Equal(path, _server.Requests[^1].Path);
    }

    [Theory]
    [InlineData("vertex", "beta", "/v1beta1/publishers/google/models/gemini-x:generateContent")]
    [InlineData("vertex", "v1", "/v1/publishers/google/models/gemini-x:generateContent")]
    [InlineData("gemini", "beta", "/v1beta/models/gemini-x:generateContent")]
    [InlineData("gemini", "v1alpha", "/v1alpha/models/gemini-x:generateContent")]
    public async Task GenerateAsync_ApiVersionOfTheEnvironment_IsCalled(string provider, string version, string path)
    {
        await using var models = Start(("Models:Routes:0:Provider", provider), ("GOOGLE_API_KEY", "k"), ("GOOGLE_GENAI_API_VERSION", version));
        _server.Enqueue(ScriptedReply.Text("a"));

        await models["*"].CallAsync(Ask("q", stream: false, model: "gemini-x"));

        Assert.Equal(path, _server.Requests[0].Path);
    }

    [Theory]
    [InlineData("mine", "projects/p/locations/eu/cachedContents/mine")]
    [InlineData("cachedContents/mine", "projects/p/locations/eu/cachedContents/mine")]
    [InlineData("projects/q/locations/us/cachedContents/mine", "projects/q/locations/us/cachedContents/mine")]
    public async Task GenerateAsync_CachedContent_IsNamedInFull(string name, string sent)
    {
        using var account = new ServiceAccount(_server.TokenUrl);
        await using var models = Start(
            ("GOOGLE_APPLICATION_CREDENTIALS", account.File), ("GOOGLE_CLOUD_PROJECT", "p"), ("GOOGLE_CLOUD_LOCATION", "eu"));
        _server.EnqueueTokens(ServiceAccount.Token("token-1"));
        _server.Enqueue(ScriptedReply.Text("a"));

        await models["*"].CallAsync(Ask("q", stream: false, new GenerateContentConfig { CachedContent = name }));

        Assert.Equal(sent, _server.Requests[^1].Body.GetProperty("cachedContent").GetString());
    }

    [Fact]
    public async Task GenerateAsync_OutputOfImages_IsInTheApisOwnObject()
    {
        await using var models = Start(("GOOGLE_API_KEY", "k"));
        _server.Enqueue(ScriptedReply.Text("a"));
        var config = new GenerateContentConfig { ImageConfig = new ImageConfig { OutputMimeType = "image/jpeg", OutputCompressionQuality = 7, AspectRatio = "1:1" } };

        await models["*"].CallAsync(Ask("q", stream: false, config));

        Assert.Equal(
            """{"aspectRatio":"1:1","imageOutputOptions":{"mimeType":"image/jpeg","compressionQuality":7}}""",
            _server.Requests[0].Body.GetProperty("generationConfig").GetProperty("imageConfig").GetRawText());
    }

    private ModelsHost Start(params (string Key, string? Value)[] settings) => ModelsHost.Build(
    [
        ("Models:Routes:0:Name", "*"), ("Models:Routes:0:Provider", "vertex"),
        ("GOOGLE_VERTEX_BASE_URL", _server.BaseUrl.ToString()), ("GOOGLE_GEMINI_BASE_URL", _server.BaseUrl.ToString()), .. settings,
    ]);
}
