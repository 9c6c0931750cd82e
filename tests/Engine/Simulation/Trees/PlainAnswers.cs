using GenAI.Chats.Engine.Errors;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests.Simulation.Trees;

/// <summary>Which answers a request may get, from when it was made and when it was answered.</summary>
/// <param name="plain">What the chats must be.</param>
/// <param name="views">What they were.</param>
/// <param name="request">The request.</param>
/// <param name="start">When it was made.</param>
/// <param name="accepted">How many turns the chat had accepted then.</param>
internal sealed class PlainAnswers(PlainChats plain, PlainViews views, TreeRequest request, int start, int accepted)
{
    private readonly PlainView? _before = views.Now(request.ChatId);
    private readonly PlainChat? _chat = plain.Find(request.ChatId);
    private readonly bool _wasBusy = plain.Find(request.ChatId) is { Pending.Count: > 0 };
    private readonly long _revision = plain.Find(request.ChatId)?.Revision ?? -1;
    private readonly HashSet<long> _revisions = [.. plain.Find(request.ChatId)?.Tree.Keys ?? (IEnumerable<long>)[], 0];
    private readonly HashSet<string> _erased = [.. plain.Find(request.ChatId)?.Erased ?? (IEnumerable<string>)[]];
    private readonly (PlainView? View, HashSet<long> Revisions) _source = request.Message is ForkChatRequest fork && TreeRequest.SourceOf(fork) is var source
        ? (views.Now(source), [.. plain.Find(source)?.Tree.Keys ?? (IEnumerable<long>)[], 0])
        : (null, []);

    private bool IsSame => views.IsSame(request.ChatId, _before);

    /// <summary>What was acknowledged has happened.</summary>
    /// <param name="turnId">The turn that the answer names.</param>
    /// <param name="require">Checks.</param>
    public void CheckDone(string turnId, Action<bool, string> require)
    {
        var existed = views.Since(request.ChatId, start).Where(view => view is not null).Select(view => view!.Incarnation).ToHashSet();
        switch (request.Message)
        {
            case SendMessageRequest or RecordHistoryRequest:
                var turn = existed.Select(incarnation => plain.Turns.GetValueOrDefault((request.ChatId, incarnation, turnId))).FirstOrDefault(t => t is not null);
                require(turn?.Request == request.Message, $"{request} is answered with another turn.");
                require(!_erased.Contains(turnId), $"{request} is answered with a turn that was erased before.");
                break;
            case RewindChatRequest:
                require(!IsSame || _chat!.Requests.ContainsKey(request.RequestId), $"{request} is acknowledged, but has not moved the head.");
                break;
            case ForkChatRequest or CreateChatRequest:
                require(existed.Count > 0, $"{request} is acknowledged, but there was no such chat.");
                break;
            case DeleteChatRequest:
                require(
                    plain.WasDeletedBy(request.ChatId, request.RequestId) || views.Since(request.ChatId, start).Any(view => view is null),
                    $"{request} is acknowledged, but the chat was there all the time.");
                break;
        }
    }

    /// <summary>Whether the request may be rejected like this.</summary>
    public bool MayBe(ChatException refusal) => refusal.Reason switch
    {
        "CHAT_NOT_FOUND" => request.Message is ForkChatRequest fork
            ? !views.IsSame(TreeRequest.SourceOf(fork), _source.View) || views.Since(request.ChatId, start).Any(view => view is not null)
            : !IsSame,
        "CHAT_EXISTS" => views.Since(request.ChatId, start).Any(view => view is not null),
        "CHAT_BUSY" => _wasBusy || !IsSame || _chat!.Accepted > accepted,
        "QUEUE_FULL" => _wasBusy || !IsSame || _chat!.Accepted > accepted,
        "REVISION_MISMATCH" => Expected is { } expected && (!IsSame || _chat!.Revision != _revision || expected != _revision),
        "REVISION_NOT_FOUND" => !Has(Named),
        "TURN_NOT_FOUND" or "INVALID_FIELD" => !IsSame || !HasTurn,
        "TURN_ERASED" => _chat?.Requests.GetValueOrDefault(request.RequestId) is { } turn && (_chat.Erased.Contains(turn.TurnId) || _chat.Unsure.Contains(turn.TurnId)),
        "FUNCTION_RESPONSE_MISMATCH" => request.Message is not SendMessageRequest send
            || (send.HasAfterRevision ? !Has(send.AfterRevision) || !Answers(send) : send.RegenerateTurnId.Length == 0 || !IsSame || !HasTurn),
        _ => false,
    };

    // The request may have been made for an earlier chat with the name, in which other calls were open.
    private bool Answers(SendMessageRequest send) =>
        send.Message.Parts.Where(part => part.FunctionResponse is not null).SequenceEqual(_chat!.ResponsesAt(send.AfterRevision));

    private long? Expected => request.Message switch
    {
        SendMessageRequest { HasExpectedRevision: true } send => send.ExpectedRevision,
        RewindChatRequest { HasExpectedRevision: true } rewind => rewind.ExpectedRevision,
        _ => null,
    };

    private long Named => request.Message switch
    {
        SendMessageRequest send => send.AfterRevision,
        RewindChatRequest rewind => rewind.Revision,
        ForkChatRequest fork => fork.Revision,
        GetHistoryRequest history => history.Revision,
        _ => 0,
    };

    private string NamedTurn => request.Message switch
    {
        SendMessageRequest send => send.RegenerateTurnId,
        CancelTurnRequest cancel => cancel.TurnId,
        GetTurnRequest get => get.TurnId,
        _ => "",
    };

    // A revision is never used again: if a turn has it before and after, it has it all the time.
    private bool Has(long revision) => request.Message is ForkChatRequest fork
        ? views.IsSame(TreeRequest.SourceOf(fork), _source.View) && _source.Revisions.Contains(revision) && plain.Find(TreeRequest.SourceOf(fork))!.Has(revision)
        : IsSame && _revisions.Contains(revision) && _chat!.Has(revision);

    private bool HasTurn => _chat!.Turns.GetValueOrDefault(NamedTurn) is { } turn
        && !_chat.Erased.Contains(NamedTurn) && !_chat.Unsure.Contains(NamedTurn)
        && (request.Message is not SendMessageRequest || (turn.Revision > 0 && _revisions.Contains(turn.Revision) && turn.Message is not null));
}
