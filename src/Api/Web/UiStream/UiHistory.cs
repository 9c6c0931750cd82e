using System.Text.Json.Nodes;
using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Web.Calls;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>Lists the messages of a chat, for a page that loads.</summary>
internal sealed class UiHistory(ServiceCalls calls, UiTurns turns)
{
    private const int PageSize = 50;
    private const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>
    /// Returns the last messages, oldest first: those of about <paramref name="limit"/> turns, but at most about 8 MB. If a turn is running, its message is the last one.
    /// </summary>
    /// <param name="http">The HTTP request.</param>
    /// <param name="name">The chat.</param>
    /// <param name="limit">The number of turns.</param>
    /// <param name="revision">The revision of the last turn. If null, the head, and the turn that is running.</param>
    public async Task<JsonArray> ListAsync(HttpContext http, string name, int limit, long? revision)
    {
        var active = revision is null ? await turns.FindActiveAsync(http, name) : null;
        var list = await ReadAsync(http, name, limit, revision, active?.Message);
        if (active is not null && list.Exists(turn => turn.TurnId == active.Turn.TurnId))
        {
            // It has ended since.
            active = null;
        }

        var messages = new JsonArray();
        if (list.Count == 0 || list[0].ParentRevision == 0)
        {
            await AddInitialAsync(http, name, messages);
        }

        for (var i = 0; i < list.Count;)
        {
            var end = i + 1;
            while (end < list.Count && UiContent.HasResponses(list[end].Message))
            {
                end++;
            }

            Add(messages, list.GetRange(i, end - i), end == list.Count ? active?.Message : null);
            i = end;
        }

        if (active is { Message: { } message, Turn: var turn } && UiContent.ToParts(message) is { Count: > 0 } parts)
        {
            messages.Add(User(turn.RequestId, parts, UiMetadata.Of(turn)));
        }

        return messages;
    }

    // Turns, oldest first. The first one begins a message.
    private async Task<List<Turn>> ReadAsync(HttpContext http, string name, int limit, long? revision, Content? next)
    {
        var (list, bytes) = (new List<Turn>(), 0L);
        var request = new ListTurnsRequest { Name = name, PageSize = Math.Min(limit, PageSize), NewestFirst = true, View = TurnView.Full };
        if (revision is { } last)
        {
            request.Revision = last;
        }

        while (true)
        {
            var page = await turns.ListAsync(http, request);
            foreach (var turn in page.Turns)
            {
                if ((list.Count >= limit || bytes > MaxBytes) && !UiContent.HasResponses(list.Count > 0 ? list[^1].Message : next))
                {
                    page.NextPageToken = "";
                    break;
                }

                list.Add(turn);
                bytes += turn.CalculateSize();
            }

            if (page.NextPageToken.Length == 0)
            {
                list.Reverse();
                return list;
            }

            request.PageToken = page.NextPageToken;
        }
    }

    private static void Add(JsonArray messages, List<Turn> exchange, Content? next)
    {
        var first = exchange[0];
        if (first.Message is { } message && UiContent.ToParts(message) is { Count: > 0 } parts)
        {
            messages.Add(User(UiTurns.UserMessageId(first), parts, new JsonObject { ["turnId"] = first.TurnId, ["revision"] = $"{first.Revision}", ["parentRevision"] = $"{first.ParentRevision}" }));
        }

        var answer = new UiMessage(first.TurnId);
        foreach (var chunk in UiTurns.Replay(exchange, next))
        {
            answer.Add(chunk);
        }

        if (answer.HasParts)
        {
            messages.Add(answer.ToJson());
        }
    }

    // Contents that the chat was created with aren't turns.
    private async Task AddInitialAsync(HttpContext http, string name, JsonArray messages)
    {
        var request = new GetHistoryRequest { Name = name, Revision = 0 };
        var call = new WebCall(http, nameof(ChatsService.GetHistory));
        var history = (await calls.CallAsync<GetHistoryRequest, GetHistoryResponse>(static service => service.GetHistory, request, call)).History;
        for (var i = 0; i < history.Count; i++)
        {
            var id = $"{UiTurns.InitialMark}{i}";
            if (history[i].Role != "model")
            {
                messages.Add(User(id, UiContent.ToParts(history[i]), []));
                continue;
            }

            var answer = new UiMessage(id);
            foreach (var chunk in new UiTurnChunks(id).Add(new Turn { State = Turn.Types.State.Completed, Output = { history[i] } }))
            {
                answer.Add(chunk);
            }

            messages.Add(answer.ToJson());
        }
    }

    private static JsonObject User(string id, JsonArray parts, JsonObject metadata) => new() { ["id"] = id, ["role"] = "user", ["metadata"] = metadata, ["parts"] = parts };
}
