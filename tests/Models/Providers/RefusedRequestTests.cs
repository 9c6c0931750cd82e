using System.ClientModel;
using System.ClientModel.Primitives;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using Google.Rpc;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Providers;

/// <summary>A 429 that is about one request, and those that are about how many come.</summary>
public sealed class RefusedRequestTests
{
    private const string TooLarge = "Request too large for gpt-4o in organization o on tokens per min (TPM): Limit 30000, Requested 45000. Make it smaller.";
    private const string TooMany = "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested 4500. Please try again in 7s.";

    public static TheoryData<string, string, bool> Messages
    {
        get
        {
            var messages = new TheoryData<string, string, bool>();
            foreach (var provider in (string[])["gemini", "vertex", "openai", "library"])
            {
                messages.Add(provider, TooLarge, true);
                messages.Add(provider, "Tokens per minute: limit: 6,000, requested: 7,000.", true);
                messages.Add(provider, "The prompt is too long: 210000 tokens > 200000 maximum", true);
                messages.Add(provider, "Your input exceeds the maximum context length.", true);
                messages.Add(provider, TooMany, false);
                messages.Add(provider, "Limit 1.2.3, Requested 4.5.6", false);
                messages.Add(provider, "Resource has been exhausted (e.g. check quota).", false);
            }

            return messages;
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task GenerateAsync_TooManyRequests_IsAboutThisOneOrNot(string provider, string message, bool isAboutRequest)
    {
        await using var server = await ScriptedOpenAiServer.StartAsync();
        await using var world = await ProviderWorld.StartAsync(
            provider == "library" ? "openai" : provider, ("Models:Routes:0:Retry:MaxAttempts", "2"));
        await using var host = ModelsHost.Build(
            services => services.AddChatClientModel("library", _ => Library(server)),
            ("Models:Routes:0:Name", "*"), ("Models:Routes:0:Provider", "library"), ("Models:Routes:0:Retry:MaxAttempts", "2"), ("Models:Routes:0:Retry:BaseDelay", "00:00:00"));
        var reply = world.IsGoogles
            ? ScriptedReply.Error(429, "RESOURCE_EXHAUSTED", message)
            : OpenAiReply.Error(429, "tokens", message, "rate_limit_exceeded");
        var route = provider == "library" ? host.RouteOf("m") : world.Route;
        var scripted = provider == "library" ? server : world.Server;
        scripted.Always(_ => true, reply);

        var failure = await Assert.ThrowsAsync<ModelException>(() => route.CallAsync(Ask("q", model: ProviderWorld.Model)));

        Assert.Equal(
            isAboutRequest ? (Code.InvalidArgument, ModelErrorReasons.InvalidRequest, 1) : (Code.ResourceExhausted, ModelErrorReasons.QuotaExceeded, 2),
            (failure.Code, failure.Reason, scripted.Requests.Count));
    }

    [Theory]
    [InlineData("context_length_exceeded", 429)]
    [InlineData("context_length_exceeded", 500)]
    [InlineData("exceed_context_size_error", 500)]
    [InlineData("request_too_large", 429)]
    [InlineData("content_filter", 503)]
    public async Task GenerateAsync_CodeThatIsAboutTheRequest_CountsForMoreThanTheStatus(string code, int status)
    {
        await using var world = await ProviderWorld.StartAsync("openai");
        world.Enqueue(OpenAiReply.Error(status, "some_error", "m", code), OpenAiReply.Error(status, code, "m"));

        for (var i = 0; i < 2; i++)
        {
            var failure = await Assert.ThrowsAsync<ModelException>(() => world.Route.CallAsync(Ask("q", model: ProviderWorld.Model)));
            Assert.Equal(Code.InvalidArgument, failure.Code);
        }

        Assert.Equal(2, world.Requests.Count);
    }

    private static IChatClient Library(ScriptedOpenAiServer server) =>
        new OpenAIClient(new ApiKeyCredential("k"), new OpenAIClientOptions { Endpoint = server.ApiUrl, RetryPolicy = new ClientRetryPolicy(0) })
            .GetChatClient("m").AsIChatClient();
}
