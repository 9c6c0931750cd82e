using System.ClientModel;
using System.ClientModel.Primitives;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using GenAI.Chats.V1;
using Google.Rpc;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Providers;

/// <summary>A file that a model doesn't get at any more is no matter of credentials, nor a model that there isn't.</summary>
public sealed class MissingFileTests
{
    private const string Gone = "https://generativelanguage.googleapis.com/v1beta/files/abc-123";

    public static TheoryData<string, int, string, bool> Refusals
    {
        get
        {
            var refusals = new TheoryData<string, int, string, bool>();
            foreach (var provider in (string[])["gemini", "vertex", "openai"])
            {
                refusals.Add(provider, 403, "You do not have permission to access the File abc-123 or it may not exist.", true);
                refusals.Add(provider, 404, $"Not found: {Gone}", true);
                refusals.Add(provider, 400, $"Cannot fetch content from the provided URL {Gone}.", true);
                refusals.Add(provider, 403, "The file isn't there.", true);
                refusals.Add(provider, 403, "The caller does not have permission.", false);
                refusals.Add(provider, 404, "The model abc-1234 is not found.", false);
                refusals.Add(provider, 400, "The file is too boring.", false);
            }

            return refusals;
        }
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task GenerateAsync_RefusalOfAFile_NamesItsPart(string provider, int status, string message, bool isOfFile)
    {
        await using var world = await ProviderWorld.StartAsync(provider, ("Models:Routes:0:CircuitBreaker:MinimumThroughput", "2"));
        var history = new[]
        {
            User("q"), Model("a"),
            new Content
            {
                Role = "user",
                Parts = { new Part { Text = "see" }, new Part { FileData = new FileData { MimeType = "image/png", FileUri = Gone } } },
            },
            Model("b"),
        };
        foreach (var stream in (bool[])[true, false])
        {
            world.Enqueue(world.IsGoogles ? ScriptedReply.Error(status, "", message) : OpenAiReply.Error(status, "", message));

            var failure = await Assert.ThrowsAsync<ModelException>(
                () => world.Route.CallAsync(Ask("and now?", stream, model: ProviderWorld.Model, history: history)));

            Assert.Equal(isOfFile, failure.Reason == ModelErrorReasons.ContentUnavailable);
            if (isOfFile)
            {
                Assert.Equal((Code.FailedPrecondition, false, false), (failure.Code, failure.IsRetryable, failure.CanFailOver));
                Assert.StartsWith("history[2].parts[1].file_data: ", failure.Message, StringComparison.Ordinal);
                Assert.EndsWith(message, failure.Message, StringComparison.Ordinal);
            }
        }

        Assert.Equal(2, world.Requests.Count);
        Assert.Equal(0, world.Route.Targets[0].Breaker.State);
    }

    [Fact]
    public async Task GenerateAsync_RefusalToAClientsLibrary_NamesThePartAndNothingThatTheApiSaid()
    {
        await using var server = await ScriptedOpenAiServer.StartAsync();
        await using var host = ModelsHost.Build(
            services => services.AddChatClientModel("library", _ => new OpenAIClient(
                new ApiKeyCredential("k"), new OpenAIClientOptions { Endpoint = server.ApiUrl, RetryPolicy = new ClientRetryPolicy(0) }).GetChatClient("m").AsIChatClient()),
            ("Models:Routes:0:Name", "*"), ("Models:Routes:0:Provider", "library"));
        server.Enqueue(OpenAiReply.Error(404, "", $"secret: {Gone} is gone"));
        var content = new Content { Role = "user", Parts = { new Part { FileData = new FileData { MimeType = "image/png", FileUri = Gone } } } };

        var failure = await Assert.ThrowsAsync<ModelException>(() => host.RouteOf("m").CallAsync(Ask("q", history: [content, Model("a")])));

        Assert.Equal(
            (ModelErrorReasons.ContentUnavailable, "history[0].parts[0].file_data: the model can't read the file. The model API returned status 404."),
            (failure.Reason, failure.Message));
    }

    [Fact]
    public async Task GenerateAsync_RefusalOfAFileInTheMessage_NamesItsPart()
    {
        await using var world = await ProviderWorld.StartAsync("gemini");
        world.Enqueue(ScriptedReply.Error(403, "PERMISSION_DENIED", "No access to the File abc-123."));
        var content = new Content { Role = "user", Parts = { new Part { FileData = new FileData { MimeType = "image/png", FileUri = Gone } } } };

        var failure = await Assert.ThrowsAsync<ModelException>(() => world.Route.CallAsync(Ask([content], model: ProviderWorld.Model)));

        Assert.StartsWith("contents[0].parts[0].file_data: ", failure.Message, StringComparison.Ordinal);
    }
}
