using System.Diagnostics.CodeAnalysis;
using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.Echo;
using GenAI.Chats.Models.Gemini;
using GenAI.Chats.Models.OpenAi;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.V1;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Routing;

public sealed class ModelRoutesTests
{
    [Theory]
    [InlineData("echo", null)]
    [InlineData("gemini-2.5-flash", typeof(GeminiModel))]
    [InlineData("models/gemini-2.5-flash", typeof(GeminiModel))]
    [InlineData("tunedModels/mine", typeof(GeminiModel))]
    [InlineData("echo2", null)]
    [InlineData("Echo", null)]
    [InlineData("gpt-5", typeof(OpenAiModel))]
    [InlineData("chatgpt-4o-latest", typeof(OpenAiModel))]
    [InlineData("o1", typeof(OpenAiModel))]
    [InlineData("o3-mini", typeof(OpenAiModel))]
    [InlineData("o4-mini", typeof(OpenAiModel))]
    [InlineData("llama3", null)]
    [InlineData("", null)]
    public void TryResolve_WithoutConfiguration_KnowsTheDefaultRoutes(string name, System.Type? type)
    {
        using var services = Build();

        Assert.Equal(type is not null, services.GetRequiredService<IChatModels>().TryResolve(name, out var model));
        Assert.Equal(type, model is null ? null : TargetsOf(model).Single().GetType());
    }

    [Theory]
    [InlineData("gemini-1", typeof(GeminiModel))]
    [InlineData("test-1", null, "Models:Routes:0:Name", "other")]
    [InlineData("test-1", typeof(GeminiModel), "Models:Routes:0:Name", "*")]
    public void TryResolve_EchoIsOn_HasARouteBehindTheOthers(string other, System.Type? type, string? key = null, string? value = null)
    {
        (string, string?)[] routes = key is null ? [] : [(key, value), ("Models:Routes:0:Provider", "gemini")];
        using var services = Build(null, [("Models:Echo", "true"), .. routes]);
        var models = services.GetRequiredService<IChatModels>();

        Assert.True(models.TryResolve("echo", out var echo));
        Assert.IsType(value == "*" ? typeof(GeminiModel) : typeof(EchoModel), Assert.Single(TargetsOf(echo)));
        models.TryResolve(other, out var model);
        Assert.Equal(type, model is null ? null : TargetsOf(model).Single().GetType());
    }

    [Fact]
    public void TryResolve_OwnRoutes_ReplaceTheDefaultsAndTheFirstThatMatchesCounts()
    {
        using var services = Build(
            null,
            ("Models:Routes:0:Name", "test-echo*"), ("Models:Routes:0:Provider", "ECHO"),
            ("Models:Routes:1:Name", "test-*"), ("Models:Routes:1:Provider", "gemini"));
        var models = services.GetRequiredService<IChatModels>();

        Assert.True(models.TryResolve("test-echo-1", out var echo));
        Assert.IsType<EchoModel>(Assert.Single(TargetsOf(echo)));
        Assert.True(models.TryResolve("test-1", out var gemini));
        Assert.IsType<GeminiModel>(Assert.Single(TargetsOf(gemini)));
        Assert.False(models.TryResolve("echo", out _));
    }

    [Fact]
    public void TryResolve_ProviderOfTheHost_IsUsed()
    {
        using var services = Build(
            host => host.AddSingleton<IChatModelProvider, HostProvider>(),
            ("Models:Routes:0:Name", "mine"), ("Models:Routes:0:Provider", "host"), ("Models:Routes:0:Key", "k"),
            ("Models:Routes:0:BaseUrl", "http://localhost:1/api"), ("Models:Routes:0:ApiVersion", "v7"), ("Models:Routes:0:Timeout", "00:00:03"));

        Assert.True(services.GetRequiredService<IChatModels>().TryResolve("mine", out var model));
        Assert.Equal(
            new ModelTarget
            {
                Provider = "host",
                Key = "k",
                BaseUrl = new Uri("http://localhost:1/api"),
                ApiVersion = "v7",
                Timeout = TimeSpan.FromSeconds(3),
            },
            Assert.IsType<HostModel>(Assert.Single(TargetsOf(model))).Target);
    }

    [Fact]
    public void AddChatModels_ModelsOfTheHost_Stay()
    {
        using var services = Build(host => host.AddSingleton<IChatModels, HostModels>());

        Assert.IsType<HostModels>(services.GetRequiredService<IChatModels>());
    }

    [Theory]
    [InlineData("Models:Routes:0:Name", "", "Models:Routes:0:Name: missing value")]
    [InlineData("Models:Routes:0:Name", "a b", "Models:Routes:0:Name: invalid value 'a b'")]
    [InlineData("Models:Routes:0:Provider", "gemni", "Models:Routes:0:Provider: invalid value 'gemni'. Expected: one of echo, gemini, openai, vertex.")]
    [InlineData("Models:Routes:0:BaseUrl", "localhost", "Models:Routes:0:BaseUrl: invalid value 'localhost'")]
    [InlineData("Models:Routes:0:BaseUrl", "ftp://host/", "Models:Routes:0:BaseUrl: invalid value 'ftp://host/'")]
    [InlineData("Models:Routes:0:BaseUrl", "http://user:secret@host/", "Models:Routes:0:BaseUrl: invalid value 'http://host/'")]
    [InlineData("Models:Routes:0:Key", "secret\nkey", "Models:Routes:0:Key: invalid value (hidden)")]
    [InlineData("Models:Routes:0:ApiVersion", "v1/..", "Models:Routes:0:ApiVersion: invalid value 'v1/..'")]
    [InlineData("Models:Routes:0:Timeout", "00:00:00", "Models:Routes:0:Timeout: invalid value '00:00:00'")]
    [InlineData("Models:Routes:0:Timeout", "2.00:00:00", "Models:Routes:0:Timeout: invalid value '2.00:00:00'")]
    [InlineData("GEMINI_API_KEY", "secret key", "GEMINI_API_KEY: invalid value (hidden)")]
    [InlineData("GOOGLE_API_KEY", "schlüssel-secret", "GOOGLE_API_KEY: invalid value (hidden)")]
    [InlineData("Models:Routes:0:Project", "a/b", "Models:Routes:0:Project: invalid value 'a/b'")]
    [InlineData("Models:Routes:0:Location", "a?b", "Models:Routes:0:Location: invalid value 'a?b'")]
    [InlineData("Models:Routes:0:KeyHeader", "a: b", "Models:Routes:0:KeyHeader: invalid value 'a: b'")]
    [InlineData("GOOGLE_VERTEX_BASE_URL", "here", "GOOGLE_VERTEX_BASE_URL: invalid value 'here'")]
    [InlineData("GOOGLE_CLOUD_PROJECT", "a/b", "GOOGLE_CLOUD_PROJECT: invalid value 'a/b'")]
    [InlineData("GOOGLE_CLOUD_LOCATION", "a b", "GOOGLE_CLOUD_LOCATION: invalid value 'a b'")]
    [InlineData("GOOGLE_GENAI_API_VERSION", "v1/..", "GOOGLE_GENAI_API_VERSION: invalid value 'v1/..'")]
    [InlineData("GOOGLE_GEMINI_BASE_URL", "here", "GOOGLE_GEMINI_BASE_URL: invalid value 'here'")]
    [InlineData("GOOGLE_GEMINI_BASE_URL", "https://user:secret@host/", "GOOGLE_GEMINI_BASE_URL: invalid value 'https://host/'")]
    [InlineData("OPENAI_API_KEY", "secret key", "OPENAI_API_KEY: invalid value (hidden)")]
    [InlineData("OPENAI_BASE_URL", "https://user:secret@host/", "OPENAI_BASE_URL: invalid value 'https://host/'")]
    public void Validate_BadValue_SaysKeyValueAndRule(string key, string value, string expected)
    {
        using var services = Build(null, ("Models:Routes:0:Name", "gemini-*"), ("Models:Routes:0:Provider", "gemini"),
            ("Models:Routes:1:Name", "gpt-*"), ("Models:Routes:1:Provider", "openai"), (key, value));

        var exception = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());

        var failure = Assert.Single(exception.Failures);
        Assert.StartsWith(expected, failure);
        Assert.Contains(". Expected: ", failure);
        Assert.DoesNotContain("secret", exception.Message);
    }

    [Fact]
    public void Validate_Defaults_AreValid()
    {
        using var services = Build(null, ("GEMINI_API_KEY", "k\n"), ("GOOGLE_GEMINI_BASE_URL", "http://localhost:8081/gemini/"));

        services.GetRequiredService<IStartupValidator>().Validate();
    }

    [Fact]
    public void ToString_RecordsWithAKey_DoNotShowIt()
    {
        var route = new ModelRoute { Name = "n", Provider = "p", Key = "secret" };

        Assert.DoesNotContain("secret", route.ToString());
        Assert.DoesNotContain("secret", new ModelTarget { Key = "secret" }.ToString());
        Assert.DoesNotContain("secret", new GeminiAccess("url", [new("x", "secret")], "secret").ToString());
        Assert.DoesNotContain("secret", new GoogleToken("secret", "project", []).ToString());
        Assert.DoesNotContain("secret", new ModelsOptions { Routes = { route } }.ToString());
    }

    [Theory]
    [InlineData("/", "/v1beta/models/gemini-x:generateContent")]
    [InlineData("/proxy", "/proxy/v1beta/models/gemini-x:generateContent")]
    [InlineData("/proxy/", "/proxy/v1beta/models/gemini-x:generateContent")]
    public async Task GenerateAsync_RouteWithItsOwnSettings_UsesThem(string basePath, string path)
    {
        await using var server = await TestKit.ScriptedGemini.ScriptedGeminiServer.StartAsync();
        server.Enqueue(TestKit.ScriptedGemini.ScriptedReply.Text("a"));
        using var services = Build(
            null,
            ("GOOGLE_API_KEY", "first"), ("GEMINI_API_KEY", "second"), ("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:1/"),
            ("Models:Routes:0:Name", "*"), ("Models:Routes:0:Provider", "gemini"), ("Models:Routes:0:Key", "own"),
            ("Models:Routes:0:BaseUrl", new Uri(server.BaseUrl, basePath).ToString()), ("Models:Routes:0:ApiVersion", "v1beta"));
        services.GetRequiredService<IChatModels>().TryResolve("gemini-x", out var model);

        await model!.CallAsync(Ask("q", stream: false, model: "gemini-x"));

        var request = Assert.Single(server.Requests);
        Assert.Equal((path, "own"), (request.Path, request.Headers["x-goog-api-key"]));
    }

    [Fact]
    public async Task GenerateAsync_TwoKeysInTheEnvironment_GoogleApiKeyWins()
    {
        await using var server = await TestKit.ScriptedGemini.ScriptedGeminiServer.StartAsync();
        server.Enqueue(TestKit.ScriptedGemini.ScriptedReply.Text("a"));
        using var services = Build(null, ("GOOGLE_API_KEY", "first"), ("GEMINI_API_KEY", "second"), ("GOOGLE_GEMINI_BASE_URL", server.BaseUrl.ToString()));
        services.GetRequiredService<IChatModels>().TryResolve("gemini-x", out var model);

        await model!.CallAsync(Ask("q", stream: false));

        Assert.Equal("first", server.Requests[0].Headers["x-goog-api-key"]);
    }

    private static IEnumerable<IChatModel> TargetsOf(IChatModel model) =>
        Assert.IsType<RouteModel>(model).Targets.Select(target => target.Model);

    private static ServiceProvider Build(Action<IServiceCollection>? host = null, params (string Key, string? Value)[] settings)
    {
        // A later setting of the same key counts; one without a value takes it out.
        var values = settings.GroupBy(setting => setting.Key)
            .Where(group => group.Last().Value is not null)
            .ToDictionary(group => group.Key, group => group.Last().Value);
        var services = new ServiceCollection();
        host?.Invoke(services);
        services.AddChatModels(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        return services.BuildServiceProvider();
    }

    private sealed class HostProvider : IChatModelProvider
    {
        public string Name => "host";

        public IChatModel Create(ModelTarget target) => new HostModel(target);
    }

    private sealed class HostModel(ModelTarget target) : IChatModel
    {
        public ModelTarget Target { get; } = target;

        public IAsyncEnumerable<GenerateContentResponse> GenerateAsync(ModelRequest request, CancellationToken cancellationToken) =>
            AsyncEnumerable.Empty<GenerateContentResponse>();
    }

    private sealed class HostModels : IChatModels
    {
        public bool TryResolve(string name, [NotNullWhen(true)] out IChatModel? model)
        {
            model = null;
            return false;
        }
    }
}
