using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Engine.Tests.Simulation.Trees;

/// <summary>
/// What chats must be, from the requests of clients alone. Of each step that is committed it takes when it came, and what a model answered; whether the step
/// may come, and what follows from it, is said by the request.
/// </summary>
internal sealed class PlainChats(TimeProvider time, SimulatedModel model)
{
    private readonly Dictionary<(string ChatId, string RequestId), IMessage> _requests = [];
    private readonly HashSet<(string ChatId, string RequestId)> _deletions = [];

    /// <summary>The chats that exist.</summary>
    public SortedDictionary<string, PlainChat> Chats { get; } = new(StringComparer.Ordinal);

    /// <summary>All turns that there have been.</summary>
    public Dictionary<(string ChatId, string Incarnation, string TurnId), PlainTurn> Turns { get; } = [];

    /// <summary>What went wrong in a way that it never may.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Raised when a chat has changed, with its ID.</summary>
    public event Action<string>? Changed;

    /// <summary>A client is going to make a request.</summary>
    public void Expect(string chatId, string requestId, IMessage request) => _requests[(chatId, requestId)] = request;

    public PlainChat? Find(string chatId) => Chats.GetValueOrDefault(chatId);

    public bool WasDeletedBy(string chatId, string requestId) => _deletions.Contains((chatId, requestId));

    /// <summary>The time has moved on.</summary>
    public void Expire()
    {
        foreach (var chat in Chats.Values.Where(c => c.ExpireTime <= time.GetUtcNow() && c.Pending.Count == 0).ToList())
        {
            Chats.Remove(chat.ChatId);
            Changed?.Invoke(chat.ChatId);
        }
    }

    /// <summary>A step was committed.</summary>
    public void Apply(ChatKey key, ChatStep step, StepResult result)
    {
        try
        {
            Expire();
            if (result.ExistingChat is null && result.ExistingTurn is null)
            {
                Apply(key.ChatId, step, result.Deletion);
            }
        }
        catch (Exception failure)
        {
            Failures.Add($"{step.Name}: {failure}");
        }
    }

    /// <summary>A model was called: it is sent the path to the turn, and nothing else.</summary>
    public void Check(SimulatedCall call)
    {
        // A server that has lost the turn may call the model for nothing.
        if (Find(call.ChatId) is { Pending: [{ State: TurnState.Running } turn, ..] } chat && call.Sent.Contains($"{turn.Message!.Parts[^1].Text}", StringComparison.Ordinal))
        {
            var prompt = PlainPath.Line(turn.Prompt!);
            Require($"{call.Sent} ".StartsWith($"{prompt} ", StringComparison.Ordinal), $"A model of {call.ChatId} is sent '{call.Sent}' instead of '{prompt}'.");
            Require(call.Model == (turn.Model.Length > 0 ? turn.Model : "any"), $"A turn runs with the model {call.Model}.");
        }
    }

    private void Apply(string chatId, ChatStep step, Deletion deletion)
    {
        switch (step)
        {
            case CreateStep create:
                Create(chatId, create);
                break;
            case ForkStep fork:
                Fork(chatId, fork);
                break;
            case DeleteStep delete:
                Delete(chatId, delete, deletion);
                break;
            case UpdateStep update when update.SetsExpiry:
                var chat = Chats[chatId];
                chat.Ttl = update.Settings.Ttl?.ToTimeSpan();
                chat.ExpireTime = time.GetUtcNow() + chat.Ttl;
                Changed?.Invoke(chatId);
                break;
            case AcceptStep { Head.Moves: true } move:
                Move(Chats[chatId], move);
                break;
            case AcceptStep accept:
                Accept(Chats[chatId], accept);
                break;
            case StartStep start:
                Require(Chats[chatId].Pending[0].TurnId == start.TurnId, "A turn starts before another one.");
                Start(Chats[chatId], Chats[chatId].Pending[0]);
                break;
            case ReleaseStep release:
                Chats[chatId].Turns[release.TurnId].State = TurnState.Queued;
                break;
            case StopStep stop:
                Stop(Chats[chatId].Turns[stop.TurnId], stop.Stop);
                break;
            case EndStep end:
                var turn = Chats[chatId].Turns[end.TurnId];
                End(Chats[chatId], turn, end.State, end.Curated, end.Outcome, end.Head);
                break;
        }
    }

    private void Create(string chatId, CreateStep step)
    {
        var request = Request<CreateChatRequest>(chatId, step.Chat.CreateRequestId);
        Require(!Chats.ContainsKey(chatId), "A chat is created although it exists.");
        var (contents, open) = ((IReadOnlyList<Content>)request.History, request.History.Count);
        if (open > 0 && contents[^1].Parts.Any(p => p.FunctionCall is not null))
        {
            open -= 2;
        }

        var ttl = request.Ttl?.ToTimeSpan();
        Chats[chatId] = new PlainChat
        {
            ChatId = chatId,
            Incarnation = step.Chat.Incarnation,
            CreateRequestId = request.RequestId,
            Initial = ([.. contents.Take(open)], [.. contents.Skip(open)]),
            Ttl = ttl,
            ExpireTime = time.GetUtcNow() + ttl,
        };
        Changed?.Invoke(chatId);
    }

    private void Fork(string chatId, ForkStep step)
    {
        var request = Request<ForkChatRequest>(chatId, step.Chat.CreateRequestId);
        Require(!Chats.ContainsKey(chatId), "A chat is forked although it exists.");
        var source = Chats[step.Source.ChatId];

        // Without a revision, it is the head when the source was read.
        var revision = request.HasRevision ? request.Revision : step.Chat.Tree!.ForkedFrom.Revision;
        Require(source.Has(revision), "A chat is forked at a turn that doesn't exist.");
        var fork = source.Fork(chatId, step.Chat.Incarnation, request.RequestId, revision);
        fork.Ttl = request.Ttl?.ToTimeSpan() ?? step.Chat.Settings.Ttl?.ToTimeSpan();
        fork.ExpireTime = time.GetUtcNow() + fork.Ttl;
        Chats[chatId] = fork;
        Changed?.Invoke(chatId);
    }

    private void Delete(string chatId, DeleteStep step, Deletion deletion)
    {
        switch (deletion)
        {
            case Deletion.Done:
                Require(_deletions.Add((chatId, step.RequestId)), "A deletion that was sent again deletes another chat.");
                Require(Chats.Remove(chatId), "A chat is deleted that doesn't exist.");
                Changed?.Invoke(chatId);
                break;
            case Deletion.DoneBefore:
                Require(_deletions.Contains((chatId, step.RequestId)), "A deletion was not done before.");
                break;
            default:
                Require(!Chats.ContainsKey(chatId), "A chat that exists isn't found.");
                break;
        }
    }

    private void Move(PlainChat chat, AcceptStep step)
    {
        var request = Request<RewindChatRequest>(chat.ChatId, step.Turn.RequestId);
        Require(chat.Pending.Count == 0, "The head moves while a turn is pending.");
        Require(chat.Requests.TryAdd(request.RequestId, null), "The head moves a second time.");
        Require(!request.HasExpectedRevision || request.ExpectedRevision == chat.Revision, "The head moves although another revision is expected.");
        Require(chat.Has(request.Revision), "The head moves to a turn that doesn't exist.");
        chat.Move(request.Revision, request.Erase, step.Turn.Sequence);
        Extend(chat, step.Head!.Ttl);
        Changed?.Invoke(chat.ChatId);
    }

    private void Accept(PlainChat chat, AcceptStep step)
    {
        var request = Request<IMessage>(chat.ChatId, step.Turn.RequestId);
        if (chat.Requests.TryGetValue(step.Turn.RequestId, out var earlier))
        {
            Require(
                earlier is { State: TurnState.Failed, Revision: 0 } && earlier.TurnId == step.Replaces, $"{step.Turn.RequestId} is accepted twice by {chat.ChatId}.");
        }

        var send = request as SendMessageRequest;
        var again = send is { RegenerateTurnId.Length: > 0 } ? chat.Turns[send.RegenerateTurnId] : null;
        Require(again is null || (again.Revision > 0 && chat.Has(again.Revision)), "A turn is regenerated that isn't recorded.");
        var turn = new PlainTurn
        {
            TurnId = step.Turn.TurnId,
            Request = request,
            Sequence = step.Turn.Sequence,
            Message = again?.Message ?? send?.Message ?? ((RecordHistoryRequest)request).UserInput,
            Edits = again?.Parent ?? (send is { HasAfterRevision: true } ? send.AfterRevision : null),
            State = TurnState.Queued,
        };
        Require(turn.Edits is not { } edits || chat.Has(edits), "A turn follows one that doesn't exist.");
        Require(send?.OnBusy is not BusyPolicy.Reject || chat.Pending.Count == 0, "A turn is accepted although another one is pending.");
        var stop = send?.OnBusy switch { BusyPolicy.Interrupt => TurnStop.Cancel, BusyPolicy.Rollback => TurnStop.RollBack, _ => TurnStop.None };
        chat.Pending.ForEach(other => Stop(other, stop));
        chat.Requests[step.Turn.RequestId] = turn;
        chat.Turns.Add(turn.TurnId, turn);
        chat.Pending.Add(turn);
        chat.Accepted++;
        Turns.Add((chat.ChatId, chat.Incarnation, turn.TurnId), turn);
        if (step.Turn.Outcome is { } outcome)
        {
            End(chat, turn, step.Turn.State, step.Turn.Curated, outcome, step.Head!);
            return;
        }

        if (step.Turn.State is TurnState.Running)
        {
            Start(chat, turn);
        }

        Changed?.Invoke(chat.ChatId);
    }

    private void Start(PlainChat chat, PlainTurn turn)
    {
        Require(chat.Pending[0] == turn, "A turn starts before another one.");
        Require(turn.Stop is TurnStop.None, "A turn starts although it is stopped.");
        turn.State = TurnState.Running;
        turn.Prompt = chat.PromptOf(turn);
    }

    private void End(PlainChat chat, PlainTurn turn, TurnState state, bool curated, TurnOutcome outcome, HeadChange head)
    {
        var isRecorded = head.Recorded;
        Require(turn.IsPending, "A turn ends twice.");
        Require(turn.Stop is not TurnStop.RollBack || (!isRecorded && state is TurnState.Cancelled), "A turn that was rolled back leaves something.");
        Require(isRecorded || state is not TurnState.Completed, "A turn is lost.");
        Require(turn.Edits is null || isRecorded == (state is TurnState.Completed), "A turn that did not complete changes the branch.");
        Require(isRecorded || !curated, "A turn is curated that isn't recorded.");
        var expected = (turn.Request as SendMessageRequest)?.HasExpectedRevision is true ? ((SendMessageRequest)turn.Request).ExpectedRevision : chat.Revision;
        Require(!isRecorded || expected == chat.Revision, "A turn is recorded although another revision is expected.");
        (turn.State, turn.Curated, turn.Outcome) = (state, curated, outcome.Clone());
        if (isRecorded)
        {
            Require(chat.Pending[0] == turn, "A turn is recorded before another one.");
            turn.Parent = turn.Edits ?? chat.Head;
            turn.Revision = ++chat.Revision;
            chat.Head = turn.Revision;
            chat.Tree.Add(turn.Revision, turn);
            CheckAnswers(chat, turn);
        }

        chat.Pending.Remove(turn);
        Extend(chat, head.Ttl);
        Changed?.Invoke(chat.ChatId);
    }

    // Each answer is one that a model gave to the path before it.
    private void CheckAnswers(PlainChat chat, PlainTurn turn)
    {
        if (turn.Request is RecordHistoryRequest)
        {
            return;
        }

        List<Content> sent = [.. turn.Prompt!];
        foreach (var content in turn.Outcome!.Contents)
        {
            var said = string.Concat(content.Parts.Select(Messages.Text));
            var isWhole = content != turn.Outcome.Contents[^1] || turn.State is TurnState.Completed;
            if (content.Role == "model" && (isWhole || said.Length > 0))
            {
                var line = PlainPath.Line(sent);
                Require(
                    model.Calls.Any(c => c.ChatId == chat.ChatId && c.Sent == line
                        && (isWhole ? string.Concat(c.Said) == said : string.Concat(c.Said).StartsWith(said, StringComparison.Ordinal))),
                    $"No model answered '{said}' to '{line}'.");
            }

            sent.Add(content);
        }
    }

    private void Extend(PlainChat chat, TimeSpan? ttl)
    {
        Require(chat.Ttl == ttl, $"A chat with the ttl {chat.Ttl} is extended by {ttl}.");
        if (time.GetUtcNow() + ttl is { } extended && extended > chat.ExpireTime)
        {
            chat.ExpireTime = extended;
        }

        Expire();
    }

    private static void Stop(PlainTurn turn, TurnStop stop) => turn.Stop = stop > turn.Stop ? stop : turn.Stop;

    private T Request<T>(string chatId, string requestId)
        where T : class, IMessage =>
        _requests.GetValueOrDefault((chatId, requestId)) as T ?? throw new InvalidOperationException($"Nobody has sent {requestId} to {chatId}.");

    private void Require(bool condition, string message)
    {
        if (!condition)
        {
            Failures.Add(message);
        }
    }
}
