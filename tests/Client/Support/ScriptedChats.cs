using System.Collections.Concurrent;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace GenAI.Chats.Client.Tests.Support;

/// <summary>Answers a call: writes events to a stream, or returns a reply.</summary>
internal delegate Task<IMessage> Answer(IMessage request, Func<IMessage, Task> write, ServerCallContext context);

/// <summary>A service with scripted answers, one for each call. It keeps the requests.</summary>
internal sealed class ScriptedChats : V1.Chats.ChatsBase
{
    private readonly ConcurrentQueue<Answer> _answers = new();
    private readonly ConcurrentQueue<(string Method, IMessage Request, Metadata Headers)> _calls = new();

    /// <summary>The answer to calls beyond the scripted ones. If null, they fail with a status that isn't retried.</summary>
    public Answer? Otherwise { get; set; }

    /// <summary>The methods that were called.</summary>
    public IEnumerable<string> Methods => _calls.Select(call => call.Method);

    /// <summary>The requests.</summary>
    public IReadOnlyList<IMessage> Requests => [.. _calls.Select(call => call.Request)];

    public IReadOnlyList<Metadata> Headers => [.. _calls.Select(call => call.Headers)];

    /// <summary>Adds answers, one for each call.</summary>
    public void Enqueue(params Answer[] answers) => Array.ForEach(answers, _answers.Enqueue);

    public override Task<V1.Chat> CreateChat(CreateChatRequest request, ServerCallContext context) => Reply<V1.Chat>(request, context);

    public override Task<V1.Chat> GetChat(GetChatRequest request, ServerCallContext context) => Reply<V1.Chat>(request, context);

    public override Task<V1.Chat> UpdateChat(UpdateChatRequest request, ServerCallContext context) => Reply<V1.Chat>(request, context);

    public override Task<ListChatsResponse> ListChats(ListChatsRequest request, ServerCallContext context) => Reply<ListChatsResponse>(request, context);

    public override Task<Empty> DeleteChat(DeleteChatRequest request, ServerCallContext context) => Reply<Empty>(request, context);

    public override Task<SendMessageResponse> SendMessage(SendMessageRequest request, ServerCallContext context) =>
        Reply<SendMessageResponse>(request, context);

    public override Task SendMessageStream(SendMessageRequest request, IServerStreamWriter<TurnEvent> responseStream, ServerCallContext context) =>
        StreamAsync(request, responseStream, context);

    public override Task ReadTurn(ReadTurnRequest request, IServerStreamWriter<TurnEvent> responseStream, ServerCallContext context) =>
        StreamAsync(request, responseStream, context);

    public override Task<Turn> GetTurn(GetTurnRequest request, ServerCallContext context) => Reply<Turn>(request, context);

    public override Task<Turn> CancelTurn(CancelTurnRequest request, ServerCallContext context) => Reply<Turn>(request, context);

    public override Task<GetHistoryResponse> GetHistory(GetHistoryRequest request, ServerCallContext context) => Reply<GetHistoryResponse>(request, context);

    public override Task<V1.Chat> RecordHistory(RecordHistoryRequest request, ServerCallContext context) => Reply<V1.Chat>(request, context);

    public override Task<V1.Chat> RewindChat(RewindChatRequest request, ServerCallContext context) => Reply<V1.Chat>(request, context);

    public override Task<V1.Chat> ForkChat(ForkChatRequest request, ServerCallContext context) => Reply<V1.Chat>(request, context);

    public override Task<ListTurnsResponse> ListTurns(ListTurnsRequest request, ServerCallContext context) => Reply<ListTurnsResponse>(request, context);

    public override Task WatchChat(WatchChatRequest request, IServerStreamWriter<ChatEvent> responseStream, ServerCallContext context) =>
        StreamAsync(request, responseStream, context);

    private async Task<T> Reply<T>(IMessage request, ServerCallContext context) => (T)await AnswerAsync(request, null!, context);

    private Task<IMessage> StreamAsync<T>(IMessage request, IServerStreamWriter<T> stream, ServerCallContext context) =>
        AnswerAsync(request, next => stream.WriteAsync((T)next), context);

    private Task<IMessage> AnswerAsync(IMessage request, Func<IMessage, Task> write, ServerCallContext context)
    {
        _calls.Enqueue((context.Method[(context.Method.LastIndexOf('/') + 1)..], request, context.RequestHeaders));
        return _answers.TryDequeue(out var answer) || (answer = Otherwise) is not null
            ? answer(request, write, context)
            : throw new RpcException(new Status(StatusCode.Unimplemented, "No answer is scripted."));
    }
}
