using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Identity.Crossing;

/// <content>Calls about turns.</content>
internal sealed partial class Lane
{
    private async Task SendAsync(string name, Metadata headers, TenantChats? own, bool stream)
    {
        var known = Find(own, name);
        var requestId = Pick(_requestIds);
        if (_random.Next(2) == 0)
        {
            _requestIds.Add(requestId = $"request-{_random.Next()}");
        }

        var before = known?.Requests.GetValueOrDefault(requestId);
        var text = before is not null && _random.Next(2) == 0 ? before : NewText(own);
        var request = new SendMessageRequest { Name = name, Text = text, RequestId = requestId };
        var turn = await AnswerAsync(
            () => stream ? StreamedAsync(request, headers) : SentAsync(request, headers),
            own, name, Unless(known is not null, NotFound), Unless(before is null || before == text, "REQUEST_ID_REUSED"));
        if (turn is null)
        {
            return;
        }

        Assert.Equal(text, turn.Answer);
        if (known!.Requests.TryAdd(requestId, text))
        {
            known.Texts.AddRange([text, text]);
            known.Turns.Add(turn.Id, text);
            _turnIds.Add(turn.Id);
        }
    }

    private async Task<Sent> SentAsync(SendMessageRequest request, Metadata headers)
    {
        var reply = await _client.SendMessageAsync(request, headers);
        return new Sent(reply.Turn.TurnId, reply.Response.Candidates[0].Content.Parts[0].Text);
    }

    private async Task<Sent> StreamedAsync(SendMessageRequest request, Metadata headers)
    {
        using var call = _client.SendMessageStream(request, headers);
        var events = await call.ToListAsync();
        return new Sent(events[^1].Ended.TurnId, string.Concat(events.Texts()));
    }

    private async Task RecordAsync(string name, Metadata headers, TenantChats? own)
    {
        var text = NewText(own);
        var request = new RecordHistoryRequest
        {
            Name = name,
            UserInput = Notation.Parse($"u[{text}]"),
            ModelOutput = { Notation.Parse($"m[{text}]") },
            IsValid = true,
        };
        if (await AnswerAsync(
            () => _client.RecordHistoryAsync(request, headers).ResponseAsync, own, name, Unless(Find(own, name) is not null, NotFound)) is { } chat)
        {
            Searched(chat, own!);
            own!.Chats[name].Texts.AddRange([text, text]);
        }
    }

    private async Task GetTurnAsync(string name, Metadata headers, TenantChats? own)
    {
        var turnId = Pick(_turnIds);
        var turn = await AnswerAsync(
            () => _client.GetTurnAsync(new GetTurnRequest { Name = name, TurnId = turnId }, headers).ResponseAsync, own, name, OfTurn(Find(own, name), turnId));
        Assert.Equal(turn is null, turn?.TurnId != turnId);
    }

    // Of turns that have ended: what is cancelled is nothing, but whether it is found shows.
    private async Task CancelTurnAsync(string name, Metadata headers, TenantChats? own)
    {
        var turnId = Pick(_turnIds);
        var turn = await AnswerAsync(
            () => _client.CancelTurnAsync(new CancelTurnRequest { Name = name, TurnId = turnId }, headers).ResponseAsync, own, name, OfTurn(Find(own, name), turnId));
        Assert.Equal(turn is null, turn?.TurnId != turnId);
    }

    private async Task ReadTurnAsync(string name, Metadata headers, TenantChats? own)
    {
        var turnId = Pick(_turnIds);
        var known = Find(own, name);
        var events = await AnswerAsync(
            async () =>
            {
                using var call = _client.ReadTurn(new ReadTurnRequest { Name = name, TurnId = turnId }, headers);
                return await call.ToListAsync();
            },
            own, name, OfTurn(known, turnId));
        if (events is not null)
        {
            Assert.Equal(known!.Turns[turnId], string.Concat(events.Texts()));
        }
    }

    private static string?[] OfTurn(KnownChat? known, string turnId) =>
        [Unless(known is not null, NotFound), Unless(known?.Turns.ContainsKey(turnId) == true, "TURN_NOT_FOUND")];

    private sealed record Sent(string Id, string Answer);
}
