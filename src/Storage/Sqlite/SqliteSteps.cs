using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>The steps, each within the writer's transaction: first what may refuse it, then the writes.</summary>
internal static class SqliteSteps
{
    /// <inheritdoc cref="IChatStore.CreateAsync" />
    public static ChatRecord? Create(SqliteSession session, CreateStep step, StoredSettings settings, List<StoredTurn> history)
    {
        var key = step.Chat.Key;
        if (ChatRows.Find(session, key) is { } chat)
        {
            return chat.Record;
        }

        if (TenantRows.CountChats(session, key.Tenant) >= step.MaxChats)
        {
            throw new ChatLimitException(step.MaxChats);
        }

        var id = ChatRows.Insert(session, step.Chat, settings);
        TenantRows.Add(session, key.Tenant, 1);
        LabelRows.Insert(session, key.Tenant, id, step.Chat.Settings.Labels);
        foreach (var turn in history)
        {
            TurnRows.Insert(session, id, turn);
        }

        return null;
    }

    /// <inheritdoc cref="IChatStore.AcceptAsync" />
    public static TurnRecord? Accept(SqliteSession session, ChatKey key, AcceptStep step, in StoredTurn turn)
    {
        var requestId = step.Turn.RequestId;
        var place = StepPlaces.ForAccept(session, key, requestId, step.Turn.TurnId) ?? throw StepRules.NoSuchChat();
        var holder = place.IsRequestKnown ? TurnRows.FindRequest(session, place.Id, requestId) : null;
        if (holder is not null && holder.TurnId != step.Replaces)
        {
            return holder;
        }

        StepRules.CheckAccept(step, place.Chat, place.LastSequence, holder, place.IsTurnIdTaken);
        if (holder is not null)
        {
            TurnRows.ClearRequest(session, place.Id, requestId);
        }

        if (step.StopsOthers is not TurnStop.None)
        {
            TurnRows.StopPending(session, place.Id, step.StopsOthers);
        }

        TurnRows.Insert(session, place.Id, turn);
        if (step.Head is { } head)
        {
            ChatRows.Change(session, place.Id, head);
        }

        return null;
    }

    /// <inheritdoc cref="IChatStore.StartAsync" />
    public static void Start(SqliteSession session, ChatKey key, StartStep step, TimeProvider time)
    {
        var chat = ChatRows.FindHead(session, key) ?? throw StepRules.NoSuchChat();
        var first = TurnRows.FirstPending(session, chat.Id);
        StepRules.CheckStart(
            step,
            new ChatPlace(chat.Version, chat.Revision, first?.Place),
            owner => OwnerRows.IsGone(session, owner, time.GetUtcNow()));
        TurnRows.Start(session, first!.Value.Id, step);
    }

    /// <inheritdoc cref="IChatStore.EndAsync" />
    public static void End(SqliteSession session, ChatKey key, EndStep step, byte[] outcome, TimeProvider time)
    {
        var place = StepPlaces.ForEnd(session, key, step.Sequence) ?? throw StepRules.NoSuchChat();
        StepRules.CheckEnd(step, place.Chat, place.Turn?.Place, owner => OwnerRows.IsGone(session, owner, time.GetUtcNow()));
        TurnRows.End(session, place.Turn!.Value.Id, step, outcome);
        ChatRows.Change(session, place.Id, step.Head);
        if (step.HasProgress)
        {
            ProgressRows.Delete(session, place.Turn.Value.Id);
        }
    }

    /// <inheritdoc cref="IChatStore.KeepProgressAsync" />
    public static void KeepProgress(SqliteSession session, ChatKey key, ProgressStep step, byte[] progress)
    {
        var chat = ChatRows.FindHead(session, key) ?? throw StepRules.NoSuchChat();
        var turn = TurnRows.FindPlace(session, chat.Id, step.Sequence);
        StepRules.CheckProgress(step, turn?.Place, turn is { Id: var id } ? ProgressRows.Count(session, id) : 0);
        ProgressRows.Insert(session, turn!.Value.Id, step.Place, progress);
    }

    /// <inheritdoc cref="IChatStore.StopAsync" />
    public static void Stop(SqliteSession session, ChatKey key, StopStep step)
    {
        var chat = ChatRows.FindHead(session, key) ?? throw StepRules.NoSuchChat();
        var turn = TurnRows.FindPlace(session, chat.Id, step.Sequence);
        StepRules.CheckStop(step, turn?.Place);
        TurnRows.Stop(session, turn!.Value.Id, step.Stop);
    }

    /// <inheritdoc cref="IChatStore.ReleaseAsync" />
    public static void Release(SqliteSession session, ChatKey key, ReleaseStep step)
    {
        var chat = ChatRows.FindHead(session, key) ?? throw StepRules.NoSuchChat();
        var turn = TurnRows.FindPlace(session, chat.Id, step.Sequence);
        StepRules.CheckRelease(step, turn?.Place);
        TurnRows.Release(session, turn!.Value.Id);
    }

    /// <inheritdoc cref="IChatStore.UpdateSettingsAsync" />
    public static void UpdateSettings(
        SqliteSession session, ChatKey key, long version, ChatSettings settings, StoredSettings stored, DateTimeOffset updateTime, long growth)
    {
        var chat = ChatRows.Find(session, key) ?? throw StepRules.NoSuchChat();
        StepRules.CheckVersion(chat.Record.Version, version);
        LabelRows.Delete(session, key.Tenant, chat.Id, chat.Record.Settings.Labels);
        LabelRows.Insert(session, key.Tenant, chat.Id, settings.Labels);
        ChatRows.ChangeSettings(session, chat.Id, stored, updateTime, growth);
    }

    /// <inheritdoc cref="IChatStore.DeleteAsync" />
    public static Deletion Delete(SqliteSession session, ChatKey key, DeleteStep step)
    {
        if (Deletions.IsKnown(session, key, step.RequestId))
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
        DeletedChats.Add(session, chat.Id);
        Deletions.Add(session, key, step);
        return Deletion.Done;
    }
}
