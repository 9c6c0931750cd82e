using GenAI.Chats.Storage.GrainStorage.Logs;
using GenAI.Chats.Storage.GrainStorage.Owners;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>Applies the steps that change turns and settings. Each step checks its preconditions, and then commits a changed head.</summary>
internal sealed class ChatSteps(ChatHeads heads, ChatLog log, LogEdits edits, SealedRecords sealedRecords, OwnerHeartbeats owners, OwnerStops stops)
{
    /// <inheritdoc cref="IChatStore.ApplyAsync" />
    public Task<StepResult> ApplyAsync(SerializedStep step)
    {
        var key = step.Key;
        return step.Step switch
        {
            AcceptStep accept => AcceptAsync(key, accept, step.Turns[0]),
            StartStep start => StartAsync(key, start),
            EndStep end => EndAsync(key, end, step.Message),
            StopStep stop => StopAsync(key, stop),
            ReleaseStep release => ReleaseAsync(key, release),
            ProgressStep progress => KeepProgressAsync(key, progress, step.Message),
            UpdateStep update => UpdateAsync(key, update, step.Settings!),
            var other => throw new ArgumentException($"Unknown step '{other.Name}'.", nameof(step)),
        };
    }

    private async Task<StepResult> AcceptAsync(ChatKey key, AcceptStep step, SerializedTurn stored)
    {
        IReadOnlyList<LogTurn> stopped = [];
        var result = await heads.CommitAsync<StepResult>(key, async head =>
        {
            var chat = heads.Existing(head) ?? throw StepPreconditions.NoSuchChat();
            var holder = await log.FindRequestAsync(key, chat, step.Turn.RequestId).ConfigureAwait(false);
            if (holder is not null && holder.TurnId != step.Replaces)
            {
                return (null, StepResult.Exists(await log.ReadTurnAsync(key, chat, holder).ConfigureAwait(false)));
            }

            var isTurnIdTaken = await log.FindTurnAsync(key, chat, step.Turn.TurnId).ConfigureAwait(false) is not null;
            var replaced = holder is null ? null : await log.ReadTurnAsync(key, chat, holder).ConfigureAwait(false);
            StepPreconditions.CheckAccept(step, HeadMapping.PlaceOf(chat), chat.LastSequence, replaced, isTurnIdTaken);

            var edit = heads.Edit(key, head);
            if (step.Head?.Keeps is { } keeps)
            {
                await edits.EraseAsync(key, edit, keeps).ConfigureAwait(false);
            }

            if (holder is not null)
            {
                await edits.AmendAsync(key, edit, [holder.Sequence], static turn => turn.RequestId = "").ConfigureAwait(false);
            }

            stopped = [.. edit.Chat.Tail.Where(turn => TurnMapping.IsPending(turn) && turn.Stop < (int)step.StopsOthers)];
            foreach (var turn in stopped)
            {
                turn.Stop = (int)step.StopsOthers;
            }

            edit.Append(TurnMapping.ToLog(step.Turn, edit.Put(stored.Input), stored.Outcome is { } outcome ? edit.Put(outcome) : null));
            if (step.Head is { } change)
            {
                await ChangeAsync(key, edit, change).ConfigureAwait(false);
            }

            edit.Seal();
            return (edit, StepResult.Applied);
        }).ConfigureAwait(false);
        foreach (var turn in stopped)
        {
            await stops.AddAsync(turn).ConfigureAwait(false);
        }

        return result;
    }

    private Task<StepResult> StartAsync(ChatKey key, StartStep step) => heads.CommitAsync<StepResult>(key, async head =>
    {
        var chat = heads.Existing(head) ?? throw StepPreconditions.NoSuchChat();
        var first = HeadMapping.FirstPending(chat);
        var isGone = first is { HasOwner: true } && first.Owner != step.Owner && await owners.IsGoneAsync(first.Owner).ConfigureAwait(false);
        StepPreconditions.CheckStart(step, HeadMapping.PlaceOf(chat), _ => isGone);

        var edit = heads.Edit(key, head);
        var turn = Find(edit.Chat, step.Sequence)!;
        turn.State = (int)TurnState.Running;
        turn.Attempt = step.Attempt;
        turn.UsedAttempts = step.UsedAttempts;
        turn.Owner = step.Owner;
        turn.StartTime = step.StartTime.UtcTicks;
        return (edit, StepResult.Applied);
    });

    private Task<StepResult> EndAsync(ChatKey key, EndStep step, byte[] outcome) =>
        heads.CommitAsync<StepResult>(key, async head =>
        {
            var chat = heads.Existing(head) ?? throw StepPreconditions.NoSuchChat();
            var place = Find(chat, step.Sequence);
            var isGone = step.Owner is null && place is { HasOwner: true } && await owners.IsGoneAsync(place.Owner).ConfigureAwait(false);
            StepPreconditions.CheckEnd(step, HeadMapping.PlaceOf(chat), PlaceOf(place), _ => isGone);

            var edit = heads.Edit(key, head);
            var turn = Find(edit.Chat, step.Sequence)!;
            turn.State = (int)step.State;
            turn.ClearOwner();
            turn.Revision = step.Head.Recorded ? step.Head.Revision : 0;
            turn.Curated = step.Curated;
            turn.EndTime = step.EndTime.UtcTicks;
            turn.Outcome = edit.Put(outcome);
            foreach (var progress in turn.Progress)
            {
                edit.Release(progress);
            }

            turn.Progress.Clear();
            await ChangeAsync(key, edit, step.Head).ConfigureAwait(false);
            edit.Seal();
            return (edit, StepResult.Applied);
        });

    private async Task<StepResult> StopAsync(ChatKey key, StopStep step)
    {
        LogTurn? stopped = null;
        var result = await ChangeTurnAsync(
            key,
            step.Sequence,
            turn => StepPreconditions.CheckStop(step, PlaceOf(turn)),
            (_, turn) =>
            {
                turn.Stop = Math.Max(turn.Stop, (int)step.Stop);
                stopped = turn;
            }).ConfigureAwait(false);
        await stops.AddAsync(stopped!).ConfigureAwait(false);
        return result;
    }

    private Task<StepResult> ReleaseAsync(ChatKey key, ReleaseStep step) => ChangeTurnAsync(
        key,
        step.Sequence,
        turn => StepPreconditions.CheckRelease(step, PlaceOf(turn)),
        (_, turn) =>
        {
            turn.State = (int)TurnState.Queued;
            turn.ClearOwner();
            turn.ClearStartTime();
        });

    private Task<StepResult> KeepProgressAsync(ChatKey key, ProgressStep step, byte[] progress) => ChangeTurnAsync(
        key,
        step.Sequence,
        turn => StepPreconditions.CheckProgress(step, PlaceOf(turn), turn?.Progress.Count ?? 0),

        // In a record of its own: the head would grow with each.
        (edit, turn) => turn.Progress.Add(edit.Put(progress, isInline: false)));

    private Task<StepResult> UpdateAsync(ChatKey key, UpdateStep step, SerializedSettings settings) => heads.CommitAsync<StepResult>(key, head =>
    {
        var chat = heads.Existing(head) ?? throw StepPreconditions.NoSuchChat();
        StepPreconditions.CheckVersion(chat.Version, step.Version);
        var edit = heads.Edit(key, head);
        edit.Release(edit.Chat.Config);
        edit.Chat.Version = step.Version + 1;
        edit.Chat.Settings = settings.Rest;
        edit.Chat.Config = settings.Config is null ? null : edit.Put(settings.Config);
        edit.Chat.UpdateTime = step.UpdateTime.UtcTicks;
        edit.Chat.StoredBytes += step.Growth;
        if (step.SetsExpiry)
        {
            HeadMapping.SetExpireTime(edit.Chat, ChatExpiry.Of(step.Settings, heads.Now));
        }

        return Task.FromResult<(HeadEdit?, StepResult)>((edit, StepResult.Applied));
    });

    /// <inheritdoc cref="IChatStore.ReadProgressAsync" />
    public async Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, ChatHead head, string turnId)
    {
        if (heads.Existing(head)?.Tail.FirstOrDefault(turn => turn.TurnId == turnId) is not { } turn)
        {
            return [];
        }

        var steps = await RecordStorage.ForEachAsync(turn.Progress, payload => sealedRecords.ReadPayloadAsync(key, payload)).ConfigureAwait(false);
        return [.. steps.Select(TurnProgress.Parser.Parse)];
    }

    private Task<StepResult> ChangeTurnAsync(ChatKey key, long sequence, Action<LogTurn?> check, Action<HeadEdit, LogTurn> change) =>
        heads.CommitAsync<StepResult>(key, head =>
        {
            check(Find(heads.Existing(head) ?? throw StepPreconditions.NoSuchChat(), sequence));
            var edit = heads.Edit(key, head);
            change(edit, Find(edit.Chat, sequence)!);
            return Task.FromResult<(HeadEdit?, StepResult)>((edit, StepResult.Applied));
        });

    private async Task ChangeAsync(ChatKey key, HeadEdit edit, HeadChange change)
    {
        var chat = edit.Chat;
        chat.Revision = change.Revision;
        chat.StoredBytes += change.StoredBytes;
        chat.TotalUsage = change.TotalUsage?.Clone();
        if (change.ChangesHistory)
        {
            chat.TurnCount = change.TurnCount ?? chat.TurnCount + 1;
            chat.UpdateTime = change.UpdateTime.UtcTicks;
            chat.Tree = change.Tree?.Clone() ?? chat.Tree;
        }

        HeadMapping.SetExpireTime(chat, ChatExpiry.Extend(HeadMapping.ExpireTimeOf(chat), change.Ttl, heads.Now));

        chat.OpenSequence = change.OpenSequence ?? chat.OpenSequence;
        if (change.Closes.Count > 0)
        {
            await edits.AmendAsync(key, edit, change.Closes.ToHashSet(), static turn => turn.Curated = true).ConfigureAwait(false);
        }
    }

    // Pending turns are in the tail. A turn that isn't there has ended.
    private static LogTurn? Find(ChatHead.Types.Chat chat, long sequence) => chat.Tail.FirstOrDefault(turn => turn.Sequence == sequence);

    private static TurnPlace? PlaceOf(LogTurn? turn) => turn is null ? null : TurnMapping.PlaceOf(turn);
}
