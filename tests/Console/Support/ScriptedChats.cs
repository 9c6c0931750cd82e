using System.Collections.Concurrent;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace GenAI.Chats.Console.Tests.Support;

/// <summary>A service that keeps chats in memory. Its turns are scripted; without a script, a turn repeats its message.</summary>
internal sealed class ScriptedChats : V1.Chats.ChatsBase
{
    private readonly ConcurrentQueue<Func<SendMessageRequest, IEnumerable<TurnEvent>>> _turns = new();

    /// <summary>The chats, by name.</summary>
    public ConcurrentDictionary<string, V1.Chat> Chats { get; } = new(StringComparer.Ordinal);

    /// <summary>The contents of all chats.</summary>
    public IReadOnlyList<Content> History { get; set; } = [];

    /// <summary>The turns of all chats, on all branches.</summary>
    public IReadOnlyList<Turn> Turns { get; set; } = [];

    /// <summary>The events of a watch.</summary>
    public IReadOnlyList<ChatEvent> Watched { get; set; } = [];

    /// <summary>The requests to move the head.</summary>
    public ConcurrentQueue<RewindChatRequest> Rewinds { get; } = new();

    /// <summary>The messages, in the order in which they arrived.</summary>
    public ConcurrentQueue<SendMessageRequest> Sent { get; } = new();

    /// <summary>The last request for a history.</summary>
    public GetHistoryRequest? HistoryRequest { get; private set; }

    /// <summary>The turn that was canceled last.</summary>
    public CancelTurnRequest? Canceled { get; private set; }

    /// <summary>Sets the events of the next turn, or throws its status.</summary>
    public void Script(Func<SendMessageRequest, IEnumerable<TurnEvent>> turn) => _turns.Enqueue(turn);

    /// <summary>Creates the status of a rejected call.</summary>
    public static RpcException Rejection(Code code, string reason, string message) => new Google.Rpc.Status
    {
        Code = (int)code,
        Message = message,
        Details = { Any.Pack(new ErrorInfo { Domain = "genai.chats.v1", Reason = reason }) },
    }.ToRpcException();

    public override Task<V1.Chat> CreateChat(CreateChatRequest request, ServerCallContext context)
    {
        var id = request.ChatId.Length > 0 ? request.ChatId : "new";
        return Task.FromResult(Chats[$"chats/{id}"] = new V1.Chat { Name = $"chats/{id}", Model = request.Model, Config = request.Config });
    }

    public override Task<V1.Chat> GetChat(GetChatRequest request, ServerCallContext context) => Task.FromResult(Find(request.Name));

    public override Task<V1.Chat> UpdateChat(UpdateChatRequest request, ServerCallContext context)
    {
        var chat = Find(request.Chat.Name);
        foreach (var field in request.UpdateMask.Paths.Select(path => V1.Chat.Descriptor.FindFieldByName(path)))
        {
            field.Accessor.SetValue(chat, field.Accessor.GetValue(request.Chat));
        }

        return Task.FromResult(chat);
    }

    public override Task<ListChatsResponse> ListChats(ListChatsRequest request, ServerCallContext context) =>
        Task.FromResult(new ListChatsResponse { Chats = { Chats.Values.OrderBy(chat => chat.Name) } });

    public override Task<GetHistoryResponse> GetHistory(GetHistoryRequest request, ServerCallContext context)
    {
        HistoryRequest = request;
        return Task.FromResult(new GetHistoryResponse { History = { History } });
    }

    public override Task<V1.Chat> RewindChat(RewindChatRequest request, ServerCallContext context)
    {
        Rewinds.Enqueue(request);
        return Task.FromResult(Find(request.Name));
    }

    public override Task<V1.Chat> ForkChat(ForkChatRequest request, ServerCallContext context) =>
        Task.FromResult(Chats[$"chats/{request.ChatId}"] = new V1.Chat { Name = $"chats/{request.ChatId}", Model = Find(request.Name).Model });

    public override Task<ListTurnsResponse> ListTurns(ListTurnsRequest request, ServerCallContext context)
    {
        var turns = Turns.Where(turn => request.AllBranches || (request.HasRevision ? turn.Revision <= request.Revision : turn.InHistory));
        return Task.FromResult(new ListTurnsResponse { Turns = { request.NewestFirst ? turns.Reverse() : turns } });
    }

    public override Task<Turn> GetTurn(GetTurnRequest request, ServerCallContext context) =>
        Task.FromResult(Turns.Single(turn => turn.TurnId == request.TurnId));

    public override async Task WatchChat(WatchChatRequest request, IServerStreamWriter<ChatEvent> responseStream, ServerCallContext context)
    {
        foreach (var next in Watched)
        {
            await responseStream.WriteAsync(next, context.CancellationToken);
        }
    }

    public override Task<Turn> CancelTurn(CancelTurnRequest request, ServerCallContext context)
    {
        Canceled = request;
        return Task.FromResult(new Turn { TurnId = request.TurnId, State = Turn.Types.State.Cancelled });
    }

    public override async Task SendMessageStream(SendMessageRequest request, IServerStreamWriter<TurnEvent> responseStream, ServerCallContext context)
    {
        Sent.Enqueue(request);
        var events = _turns.TryDequeue(out var turn) ? turn(request) : Events.Of([Events.Text(request.Text)]);
        await context.WriteResponseHeadersAsync(new Metadata { { "turn-id", Events.TurnId } });
        foreach (var next in events)
        {
            await responseStream.WriteAsync(next, context.CancellationToken);
        }
    }

    private V1.Chat Find(string name) => Chats.TryGetValue(name, out var chat)
        ? chat
        : throw Rejection(Code.NotFound, "CHAT_NOT_FOUND", $"Chat '{name}' not found.");
}
