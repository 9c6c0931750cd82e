using System.Text.Json.Nodes;
using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Web.Calls;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>
/// Reads turns as messages. A message of the assistant is all that follows a message of the user: if the model calls functions, these are several turns. Its ID is that
/// of the first turn.
/// </summary>
internal sealed class UiTurns(ServiceCalls calls, TimeProvider time)
{
    /// <summary>The beginning of the IDs of messages that are contents of the initial history.</summary>
    public const string InitialMark = "initial.";

    private const int ExchangePage = 10;
    private const string DerivedMark = ".user";

    // A turn that has ended since its client lost the connection.
    private static readonly TimeSpan RecentlyEnded = TimeSpan.FromMinutes(1);

    /// <summary>Returns the chat's current turn: the one that is queued or running, or the last one, if it has ended within the last minute and is at the head. Null without such a turn, or without the chat.</summary>
    public async Task<UiTurn?> FindCurrentAsync(HttpContext http, string name)
    {
        if (await FindActiveAsync(http, name) is { } active)
        {
            return active;
        }

        try
        {
            // If the last turn left nothing, or the head was moved since, the head's turn isn't the one that the page waits for.
            var page = await ListAsync(
                http, new ListTurnsRequest { Name = name, PageSize = 1, NewestFirst = true, AllBranches = true, IncludeUnrecorded = true, View = TurnView.Full });
            return page.Turns is [{ Revision: > 0 } last] && last.Revision == page.Revision && last.EndTime?.ToDateTimeOffset() > time.GetUtcNow() - RecentlyEnded
                ? new UiTurn(last, last.Message)
                : null;
        }
        catch (RpcException missing) when (missing.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Returns the queued or running turn that is next, with its message. Null without such a turn, or without the chat.</summary>
    public async Task<UiTurn?> FindActiveAsync(HttpContext http, string name)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var first = new FirstTurn(over);
        try
        {
            var request = new WatchChatRequest { Name = name, Detail = WatchChatRequest.Types.Detail.Turns };
            await calls.StreamAsync(static service => service.WatchChat, request, first, new WebCall(http, nameof(ChatsService.WatchChat), cancellationToken: over.Token));
        }
        catch (RpcException) when (first.IsFound && !http.RequestAborted.IsCancellationRequested)
        {
            // The watch was ended.
        }
        catch (RpcException missing) when (missing.StatusCode == StatusCode.NotFound)
        {
            return null;
        }

        return first.Turn;
    }

    /// <summary>Returns the turns before a turn that belong to the same message: those with the calls that it responds to.</summary>
    public async Task<IReadOnlyList<Turn>> FindEarlierAsync(HttpContext http, string name, UiTurn turn)
    {
        var earlier = new List<Turn>();
        for (var (message, revision) = (turn.Message, turn.Turn.ParentRevision); UiContent.HasResponses(message) && revision > 0;)
        {
            var page = await ListAsync(http, new ListTurnsRequest { Name = name, Revision = revision, PageSize = ExchangePage, NewestFirst = true, View = TurnView.Full });
            foreach (var previous in page.Turns.TakeWhile(_ => UiContent.HasResponses(message)))
            {
                earlier.Insert(0, previous);
                (message, revision) = (previous.Message, previous.ParentRevision);
            }

            if (page.Turns.Count == 0)
            {
                break;
            }
        }

        return earlier;
    }

    /// <summary>Returns the ID of the message of the user that started a turn: its request ID, or, in a fork, one that is derived from the turn's ID.</summary>
    public static string UserMessageId(Turn turn) => turn.RequestId.Length > 0 ? turn.RequestId : $"{turn.TurnId}{DerivedMark}";

    /// <summary>Returns the turn, on any branch, that a message of the user started. Null if it doesn't exist.</summary>
    public async Task<Turn?> FindSentAsync(HttpContext http, string name, string messageId) =>
        await GetAsync(http, new GetTurnRequest { Name = name, TurnRequestId = messageId })
            ?? (messageId.EndsWith(DerivedMark, StringComparison.Ordinal) ? await GetAsync(http, name, messageId[..^DerivedMark.Length]) : null);

    /// <summary>Returns a turn. Null if it doesn't exist.</summary>
    public Task<Turn?> GetAsync(HttpContext http, string name, string turnId) => GetAsync(http, new GetTurnRequest { Name = name, TurnId = turnId });

    /// <summary>Lists turns.</summary>
    public Task<ListTurnsResponse> ListAsync(HttpContext http, ListTurnsRequest request) =>
        calls.CallAsync<ListTurnsRequest, ListTurnsResponse>(static service => service.ListTurns, request, new WebCall(http, nameof(ChatsService.ListTurns)));

    /// <summary>Lists the chunks of turns of one message, from its beginning.</summary>
    public static IEnumerable<JsonObject> Replay(IReadOnlyList<Turn> turns, Content? next)
    {
        for (var i = 0; i < turns.Count; i++)
        {
            var chunks = new UiTurnChunks(turns[i].TurnId);
            foreach (var chunk in chunks.Add(turns[i]))
            {
                yield return chunk;
            }

            foreach (var answer in (i + 1 < turns.Count ? turns[i + 1].Message : next) is { } message ? chunks.Answer(message) : [])
            {
                yield return answer;
            }
        }
    }

    private async Task<Turn?> GetAsync(HttpContext http, GetTurnRequest request)
    {
        try
        {
            return await calls.CallAsync<GetTurnRequest, Turn>(static service => service.GetTurn, request, new WebCall(http, nameof(ChatsService.GetTurn)));
        }
        catch (RpcException missing) when (missing.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument)
        {
            return null;
        }
    }

    // Reads the beginning of a watch: the chat, and the turns that are queued or running.
    private sealed class FirstTurn(CancellationTokenSource over) : IServerStreamWriter<byte[]>
    {
        private string? _active;

        public WriteOptions? WriteOptions { get; set; }

        public bool IsFound { get; private set; }

        public UiTurn? Turn { get; private set; }

        public Task WriteAsync(byte[] message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(byte[] message, CancellationToken cancellationToken)
        {
            if (!IsFound)
            {
                Read(ChatEvent.Parser.ParseFrom(message));
            }

            if (IsFound)
            {
                await over.CancelAsync();
                over.Token.ThrowIfCancellationRequested();
            }
        }

        private void Read(ChatEvent next)
        {
            switch (next.EventCase)
            {
                case ChatEvent.EventOneofCase.Chat when _active is null:
                    _active = next.Chat.ActiveTurnId;
                    IsFound = _active.Length == 0 && next.Chat.QueuedTurns == 0;
                    break;
                case ChatEvent.EventOneofCase.Accepted when _active is "" || next.Accepted.TurnId == _active:
                    (IsFound, Turn) = (true, new UiTurn(next.Accepted, next.Accepted.Message));
                    break;
                case ChatEvent.EventOneofCase.Accepted:
                    break;
                default:
                    // The turn has ended since.
                    IsFound = true;
                    break;
            }
        }
    }
}

/// <summary>A turn and its message.</summary>
internal sealed record UiTurn(Turn Turn, Content? Message);
