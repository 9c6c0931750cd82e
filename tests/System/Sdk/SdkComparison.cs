using System.Text.Json.Nodes;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Protobuf;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Sdk;

/// <summary>Holds the same conversations with the SDK and with the service, and keeps what reached the model.</summary>
internal sealed class SdkComparison : IAsyncDisposable
{
    private readonly TestDirectory _directory;
    private readonly ScriptedGeminiServer _ofSdk;
    private readonly ScriptedGeminiServer _ofService;
    private readonly ServerProcess _service;

    private SdkComparison(TestDirectory directory, ScriptedGeminiServer ofSdk, ScriptedGeminiServer ofService, ServerProcess service)
    {
        _ofSdk = ofSdk;
        _ofService = ofService;
        _directory = directory;
        _service = service;
    }

    /// <summary>Starts the service, with settings that a test wants beyond those that the SDK has too.</summary>
    public static async Task<SdkComparison> StartAsync(params string[] settings)
    {
        var (ofSdk, ofService) = (await ScriptedGeminiServer.StartAsync(), await ScriptedGeminiServer.StartAsync());
        var directory = new TestDirectory();
        var service = await ServerProcess.StartAsync(
            directory.Database,
            [
                "--Models:Routes:0:Name=gemini-*",
                "--Models:Routes:0:Provider=gemini",
                $"--Models:Routes:0:BaseUrl={ofService.BaseUrl}",
                "--Models:Routes:0:Key=service-key",
                .. settings,
            ]);
        return new SdkComparison(directory, ofSdk, ofService, service);
    }

    /// <summary>Holds the conversations, and returns what each of them was: with the SDK, and with the service.</summary>
    public async Task<IReadOnlyList<(SdkCourse Sdk, SdkCourse Service)>> HoldAsync(params IReadOnlyList<SdkConversation> conversations)
    {
        foreach (var conversation in conversations)
        {
            Script(_ofSdk, conversation);
            Script(_ofService, conversation);
        }

        var file = Path.Combine(_directory.Path, $"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, new JsonArray([.. conversations.Select(conversation => conversation.ToJson())]).ToJsonString());
        var outcomes = (await Programs.RunAsync(Programs.Node, "tests/System/Sdk/converse.js", file, _ofSdk.BaseUrl.ToString()))
            .Select(line => JsonNode.Parse(line)!.AsArray().Select(outcome => outcome!.GetValue<string>()).ToList()).ToList();
        var compared = new List<(SdkCourse, SdkCourse)>();
        foreach (var (conversation, ofSdk) in conversations.Zip(outcomes))
        {
            var ofService = await ConverseAsync(conversation);
            compared.Add((new SdkCourse(ofSdk, RequestsOf(_ofSdk, conversation)), new SdkCourse(ofService, RequestsOf(_ofService, conversation))));
        }

        return compared;
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _ofSdk.DisposeAsync();
        await _ofService.DisposeAsync();
        _directory.Dispose();
    }

    private static void Script(ScriptedGeminiServer server, SdkConversation conversation) => server.EnqueueFor(
        request => IsOf(request, conversation), [.. conversation.Sends.SelectMany(send => send.Answers.Select(answer => answer.ToReply(send.Stream)))]);

    private static IReadOnlyList<SdkRequest> RequestsOf(ScriptedGeminiServer server, SdkConversation conversation) =>
    [
        .. server.Requests.Where(request => IsOf(request, conversation))
            .Select(request => new SdkRequest(request.Path, JsonNode.Parse(request.Body.GetRawText())!.AsObject())),
    ];

    private static bool IsOf(RecordedRequest request, SdkConversation conversation) =>
        request.Path.Contains($"/{conversation.Model}:", StringComparison.Ordinal);

    private static T? Parse<T>(JsonNode? json)
        where T : class, IMessage<T>, new() => json is null ? null : JsonParser.Default.Parse<T>(json.ToJsonString());

    private async Task<List<string>> ConverseAsync(SdkConversation conversation)
    {
        var chat = await _service.Client.CreateChatAsync(new CreateChatRequest
        {
            Model = conversation.Model,
            Config = Parse<GenerateContentConfig>(conversation.Config),
            History = { conversation.History.Select(Parse<Content>) },
        });
        var outcomes = new List<string>();
        foreach (var send in conversation.Sends)
        {
            outcomes.Add(await SendAsync(chat.Name, send));
        }

        return outcomes;
    }

    private async Task<string> SendAsync(string chat, SdkSend send)
    {
        var request = new SendMessageRequest
        {
            Name = chat,
            Message = Parse<Content>(new JsonObject { ["role"] = "user", ["parts"] = send.Message.DeepClone() }),
            Config = Parse<GenerateContentConfig>(send.Config),
        };
        try
        {
            if (send.Stream)
            {
                using var call = _service.Client.SendMessageStream(request);
                await foreach (var _ in call.ResponseStream.ReadAllAsync())
                {
                }
            }
            else
            {
                await _service.Client.SendMessageAsync(request);
            }

            return "ended";
        }
        catch (RpcException)
        {
            return "failed";
        }
    }
}

/// <summary>What became of a conversation.</summary>
/// <param name="Outcomes">How each send ended: <c>ended</c> or <c>failed</c>.</param>
/// <param name="Requests">What reached the model.</param>
internal sealed record SdkCourse(IReadOnlyList<string> Outcomes, IReadOnlyList<SdkRequest> Requests);

/// <summary>A request as it reached the model.</summary>
internal sealed record SdkRequest(string Path, JsonObject Body);
