using GenAI.Chats.Models.Responses;

namespace GenAI.Chats.Engine.Sessions.State;

/// <summary>Creates the steps that end turns.</summary>
internal static class TurnEnds
{
    /// <summary>Creates the end of a turn of a chat as cached, which leaves nothing in the history.</summary>
    public static EndStep Create(ChatState chat, TurnRecord turn, TurnState state, TurnOutcome outcome) => Create(chat, turn, state, outcome, chat.Contexts.AtHead(chat.Chat!));

    /// <summary>Creates the end of a turn of a chat as cached.</summary>
    public static EndStep Create(
        ChatState chat, TurnRecord turn, TurnState state, TurnOutcome outcome, TurnContext context, bool recorded = false, bool curated = false)
    {
        var now = chat.Now;
        var record = chat.Chat!;
        var bytes = turn.InputBytes + outcome.CalculateSize();
        var usage = UsageSum.Add(record.TotalUsage, outcome.Usage);
        var head = new HeadChange(record.Revision, recorded, bytes, usage, recorded ? now : record.UpdateTime) { Ttl = record.Settings.Ttl?.ToTimeSpan() };
        if (recorded)
        {
            var (tree, count) = chat.Tree.Add(turn.Sequence, context.Parent);
            head = OpenOrClose(tree is null ? head : head with { Tree = tree, TurnCount = count }, record, context, turn, curated, outcome);
        }

        return new EndStep
        {
            Sequence = turn.Sequence,
            TurnId = turn.TurnId,
            Attempt = turn.Attempt,
            Owner = turn.Owner == chat.Server.Owner ? turn.Owner : null,
            IsRunning = turn.State is TurnState.Running,
            Stop = turn.Stop,
            Version = record.Version,
            State = state,
            Curated = curated,
            Outcome = outcome,
            EndTime = now,
            Head = head,
        };
    }

    /// <summary>Creates the end of a turn whose contents came with the request.</summary>
    public static async ValueTask<EndStep> CreateAsync(ChatState chat, TurnRecord turn, TurnInput.Types.Recorded recorded)
    {
        if (TurnChecks.Revision(turn.Input, chat.Chat!.Revision) is { } revision)
        {
            return Failed(chat, turn, revision);
        }

        var calls = new OpenCalls();
        var responding = TurnChecks.Responding(turn.Input);
        if (responding is not null)
        {
            calls = await chat.Contexts.AtHead(chat.Chat).Exchange.ReadCallsAsync(chat.Chat.OpenSequence, CancellationToken.None);
            if (TurnChecks.Responses(turn.Input, responding, calls) is { } mismatch)
            {
                return Failed(chat, turn, mismatch);
            }
        }

        var outcome = new TurnOutcome();
        outcome.Contents.Add(recorded.Output);
        if (outcome.Contents.Count == 0)
        {
            outcome.Contents.Add(new Content { Role = Curation.Model });
        }

        var valid = recorded.IsValid && outcome.Contents.All(Curation.IsValid) && outcome.Contents.Where(c => c != responding).All(calls.Add);
        outcome.Open = valid && calls.Count > 0;
        return Create(chat, turn, TurnState.Completed, outcome, chat.Contexts.AtHead(chat.Chat!), recorded: true, curated: valid && !outcome.Open);
    }

    /// <summary>Returns the record of a turn that a step has ended.</summary>
    public static TurnRecord Apply(TurnRecord turn, EndStep step) => turn with
    {
        State = step.State,
        Owner = null,
        Revision = step.Head.Recorded ? step.Head.Revision : 0,
        Curated = step.Curated,
        EndTime = step.EndTime,
        Outcome = step.Outcome,
    };

    private static EndStep Failed(ChatState chat, TurnRecord turn, ChatException failure) =>
        Create(chat, turn, TurnState.Failed, new TurnOutcome { Error = TurnErrors.From(failure) });

    // Only a turn that succeeded changes the open exchange: it responds to its calls or drops them, and its own answer may have calls.
    private static HeadChange OpenOrClose(
        HeadChange head, ChatRecord chat, TurnContext context, TurnRecord turn, bool curated, TurnOutcome outcome)
    {
        var answers = context.OpenSequence > 0 && TurnChecks.Responding(turn.Input) is not null;
        var closes = curated && answers ? context.Exchange.Sequences : [];
        var open = outcome.Open ? answers ? context.OpenSequence : turn.Sequence
            : curated ? 0
            : context.OpenSequence;
        return open == chat.OpenSequence && closes.Count == 0 ? head : head with { OpenSequence = open, Closes = closes };
    }
}
