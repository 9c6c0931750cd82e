using System.Text.Json.Nodes;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>A chat of one test, and the requests that its model got.</summary>
public sealed class TestChat(TestServer server, string model, string name)
{
    public string Model { get; } = model;

    public string Name { get; } = name;

    /// <summary>What the model was asked so far.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. server.Gemini.Requests.Where(IsMine)];

    /// <summary>Scripts the model's next answers.</summary>
    public void Answer(params ScriptedReply[] replies) => server.Gemini.EnqueueFor(IsMine, replies);

    /// <summary>A send, for more to be set.</summary>
    public SendMessageRequest Message(string text) => new() { Name = Name, Text = text };

    public AsyncUnaryCall<SendMessageResponse> SendAsync(string text) => server.Client.SendMessageAsync(Message(text));

    public AsyncServerStreamingCall<TurnEvent> Stream(string text) => server.Client.SendMessageStream(Message(text));

    public AsyncServerStreamingCall<TurnEvent> Read(string turnId, long afterOffset = 0) =>
        server.Client.ReadTurn(new ReadTurnRequest { Name = Name, TurnId = turnId, AfterOffset = afterOffset });

    public async Task<Chat> GetAsync() => await server.Client.GetChatAsync(new GetChatRequest { Name = Name });

    public async Task<Turn> GetTurnAsync(string turnId) =>
        await server.Client.GetTurnAsync(new GetTurnRequest { Name = Name, TurnId = turnId });

    /// <summary>The history, as <see cref="Notation"/> writes it.</summary>
    public async Task<string[]> HistoryAsync(bool curated = false) =>
        Notation.Of((await server.Client.GetHistoryAsync(new GetHistoryRequest { Name = Name, Curated = curated })).History);

    /// <summary>Waits until the turn has ended, and returns it.</summary>
    public async Task<Turn> EndAsync(string turnId)
    {
        using var call = Read(turnId);
        return (await call.ToListAsync())[^1].Ended;
    }

    /// <summary>The contents of the last request, as JSON.</summary>
    public JsonArray LastContents() => JsonNode.Parse(Requests[^1].Body.GetProperty("contents").GetRawText())!.AsArray();

    private bool IsMine(RecordedRequest request) => request.Path.Contains($"/{Model}:", StringComparison.Ordinal);
}
