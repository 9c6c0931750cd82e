using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Sqlite.Connections;
using GenAI.Chats.Storage.Sqlite.Rows;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>Runs steps in the writer's transaction. Each step first checks its preconditions, and then writes.</summary>
internal static class SqliteSteps
{
    /// <inheritdoc cref="IChatStore.ApplyAsync" />
    public static StepResult Apply(SqliteSession session, SerializedStep step, TimeProvider time)
    {
        var key = step.Key;
        return step.Step switch
        {
            CreateStep create => Create(session, create, step),
            AcceptStep accept => Accept(session, key, accept, step.Turns[0]),
            StartStep start => Start(session, key, start, time),
            EndStep end => End(session, key, end, step.Message, time),
            StopStep stop => ChangeTurn(
                session, key, stop.Sequence, turn => StepPreconditions.CheckStop(stop, turn), id => TurnRows.Stop(session, id, stop.Stop)),
            ReleaseStep release => ChangeTurn(
                session, key, release.Sequence, turn => StepPreconditions.CheckRelease(release, turn), id => TurnRows.Release(session, id)),
            ProgressStep progress => KeepProgress(session, key, progress, step.Message),
            UpdateStep update => Update(session, key, update, step.Settings!),
            DeleteStep delete => StepResult.Of(Delete(session, key, delete)),
            var other => throw new ArgumentException($"Unknown step '{other.Name}'.", nameof(step)),
        };
    }

    private static StepResult Create(SqliteSession session, CreateStep step, SerializedStep serialized)
    {
        var key = step.Chat.Key;
        if (ChatRows.Find(session, key) is { } chat)
        {
            return StepResult.Exists(chat.Record);
        }

        if (TenantRows.CountChats(session, key.Tenant) >= step.MaxChats)
        {
            throw new ChatLimitException(step.MaxChats);
        }

        var id = ChatRows.Insert(session, step.Chat, serialized.Settings!);
        TenantRows.Add(session, key.Tenant, 1);
        LabelRows.Insert(session, key.Tenant, id, step.Chat.Settings.Labels);
        foreach (var turn in serialized.Turns)
        {
            TurnRows.Insert(session, id, turn);
        }

        return StepResult.Applied;
    }

    private static StepResult Accept(SqliteSession session, ChatKey key, AcceptStep step, SerializedTurn turn)
    {
        var requestId = step.Turn.RequestId;
        var state = StepState.ForAccept(session, key, requestId, step.Turn.TurnId) ?? throw StepPreconditions.NoSuchChat();
        var holder = state.IsRequestKnown ? TurnRows.FindRequest(session, state.Id, requestId) : null;
        if (holder is not null && holder.TurnId != step.Replaces)
        {
            return StepResult.Exists(holder);
        }

        StepPreconditions.CheckAccept(step, state.Chat, state.LastSequence, holder, state.IsTurnIdTaken);
        if (holder is not null)
        {
            TurnRows.ClearRequest(session, state.Id, requestId);
        }

        if (step.StopsOthers is not TurnStop.None)
        {
            TurnRows.StopPending(session, state.Id, step.StopsOthers);
        }

        TurnRows.Insert(session, state.Id, turn);
        if (step.Head is { } head)
        {
            ChatRows.Change(session, state.Id, head);
        }

        return StepResult.Applied;
    }

    private static StepResult Start(SqliteSession session, ChatKey key, StartStep step, TimeProvider time)
    {
        var chat = FindHead(session, key);
        var first = TurnRows.FirstPending(session, chat.Id);
        StepPreconditions.CheckStart(
            step,
            new ChatPlace(chat.Version, chat.Revision, first?.Place),
            owner => OwnerRows.IsGone(session, owner, time.GetUtcNow()));
        TurnRows.Start(session, first!.Value.Id, step);
        return StepResult.Applied;
    }

    private static StepResult End(SqliteSession session, ChatKey key, EndStep step, byte[] outcome, TimeProvider time)
    {
        var state = StepState.ForEnd(session, key, step.Sequence) ?? throw StepPreconditions.NoSuchChat();
        StepPreconditions.CheckEnd(step, state.Chat, state.Turn?.Place, owner => OwnerRows.IsGone(session, owner, time.GetUtcNow()));
        TurnRows.End(session, state.Turn!.Value.Id, step, outcome);
        ChatRows.Change(session, state.Id, step.Head);
        if (step.HasProgress)
        {
            ProgressRows.Delete(session, state.Turn.Value.Id);
        }

        return StepResult.Applied;
    }

    private static StepResult KeepProgress(SqliteSession session, ChatKey key, ProgressStep step, byte[] progress)
    {
        var turn = TurnRows.FindPlace(session, FindHead(session, key).Id, step.Sequence);
        StepPreconditions.CheckProgress(step, turn?.Place, turn is { Id: var id } ? ProgressRows.Count(session, id) : 0);
        ProgressRows.Insert(session, turn!.Value.Id, step.Place, progress);
        return StepResult.Applied;
    }

    private static StepResult ChangeTurn(SqliteSession session, ChatKey key, long sequence, Action<TurnPlace?> check, Action<long> change)
    {
        var turn = TurnRows.FindPlace(session, FindHead(session, key).Id, sequence);
        check(turn?.Place);
        change(turn!.Value.Id);
        return StepResult.Applied;
    }

    private static StepResult Update(SqliteSession session, ChatKey key, UpdateStep step, SerializedSettings settings)
    {
        var chat = ChatRows.Find(session, key) ?? throw StepPreconditions.NoSuchChat();
        StepPreconditions.CheckVersion(chat.Record.Version, step.Version);
        LabelRows.Delete(session, key.Tenant, chat.Id, chat.Record.Settings.Labels);
        LabelRows.Insert(session, key.Tenant, chat.Id, step.Settings.Labels);
        ChatRows.ChangeSettings(session, chat.Id, settings, step);
        return StepResult.Applied;
    }

    private static Deletion Delete(SqliteSession session, ChatKey key, DeleteStep step)
    {
        if (DeletionRows.IsKnown(session, key, step.RequestId))
        {
            return Deletion.DoneBefore;
        }

        if (ChatRows.Find(session, key) is not { } chat)
        {
            return Deletion.NotFound;
        }

        LabelRows.Delete(session, key.Tenant, chat.Id, chat.Record.Settings.Labels);
        ChatRows.Delete(session, chat.Id);
        TenantRows.Add(session, key.Tenant, -1);
        DeletedLogs.Add(session, chat.Id);
        DeletionRows.Add(session, key, step);
        return Deletion.Done;
    }

    private static ChatHead FindHead(SqliteSession session, ChatKey key) => ChatRows.FindHead(session, key) ?? throw StepPreconditions.NoSuchChat();
}
