using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.Records;
using Google.Protobuf;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>The steps of a chat's turns and settings: first what may refuse them, then the head as it becomes.</summary>
internal sealed class ChatSteps(ChatHeads heads, ChatLog log, ChatFiles files, OwnerBeats owners, OwnerStops stops)
{
    /// <inheritdoc cref="IChatStore.AcceptAsync" />
    public async Task<TurnRecord?> AcceptAsync(ChatKey key, AcceptStep step)
    {
        var stored = StoredTurn.From(step.Turn);
        IReadOnlyList<LogTurn> stopped = [];
        var earlier = await heads.CommitAsync<TurnRecord?>(key, async head =>
        {
            var chat = head.Chat ?? throw StepRules.NoSuchChat();
            var holder = await log.FindRequestAsync(key, chat, step.Turn.RequestId).ConfigureAwait(false);
            if (holder is not null && holder.TurnId != step.Replaces)
            {
                return (null, await files.ReadTurnAsync(key, holder).ConfigureAwait(false));
            }

            var isTurnIdTaken = await log.FindTurnAsync(key, chat, step.Turn.TurnId).ConfigureAwait(false) is not null;
            var replaced = holder is null ? null : await files.ReadTurnAsync(key, holder).ConfigureAwait(false);
            StepRules.CheckAccept(step, HeadMapping.PlaceOf(chat), chat.LastSequence, replaced, isTurnIdTaken);

            var edit = heads.Edit(key, head);
            if (holder is not null)
            {
                await log.AmendAsync(key, edit, [holder.Sequence], static turn => turn.RequestId = "").ConfigureAwait(false);
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
            return (edit, null);
        }).ConfigureAwait(false);
        foreach (var turn in stopped)
        {
            await stops.AddAsync(turn).ConfigureAwait(false);
        }

        return earlier;
    }

    /// <inheritdoc cref="IChatStore.StartAsync" />
    public Task StartAsync(ChatKey key, StartStep step) => ChangeTurnAsync(
        key,
        async chat =>
        {
            var first = HeadMapping.FirstPending(chat);
            var isGone = first is { HasOwner: true } && first.Owner != step.Owner && await owners.IsGoneAsync(first.Owner).ConfigureAwait(false);
            StepRules.CheckStart(step, HeadMapping.PlaceOf(chat), _ => isGone);
        },
        step.Sequence,
        (_, turn) =>
        {
            turn.State = (int)TurnState.Running;
            turn.Attempt = step.Attempt;
            turn.UsedAttempts = step.UsedAttempts;
            turn.Owner = step.Owner;
            turn.StartTime = step.StartTime.UtcTicks;
        });

    /// <inheritdoc cref="IChatStore.EndAsync" />
    public Task EndAsync(ChatKey key, EndStep step)
    {
        var outcome = step.Outcome.ToByteArray();
        return heads.CommitAsync<bool>(key, async head =>
        {
            var chat = head.Chat ?? throw StepRules.NoSuchChat();
            var place = Find(chat, step.Sequence);
            var isGone = step.Owner is null && place is { HasOwner: true } && await owners.IsGoneAsync(place.Owner).ConfigureAwait(false);
            StepRules.CheckEnd(step, HeadMapping.PlaceOf(chat), PlaceOf(place), _ => isGone);

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
            return (edit, true);
        });
    }

    /// <inheritdoc cref="IChatStore.StopAsync" />
    public async Task StopAsync(ChatKey key, StopStep step)
    {
        LogTurn? stopped = null;
        await ChangeTurnAsync(
            key,
            chat =>
            {
                StepRules.CheckStop(step, PlaceOf(Find(chat, step.Sequence)));
                return Task.CompletedTask;
            },
            step.Sequence,
            (_, turn) =>
            {
                turn.Stop = Math.Max(turn.Stop, (int)step.Stop);
                stopped = turn;
            }).ConfigureAwait(false);
        await stops.AddAsync(stopped!).ConfigureAwait(false);
    }

    /// <inheritdoc cref="IChatStore.ReleaseAsync" />
    public Task ReleaseAsync(ChatKey key, ReleaseStep step) => ChangeTurnAsync(
        key,
        chat =>
        {
            StepRules.CheckRelease(step, PlaceOf(Find(chat, step.Sequence)));
            return Task.CompletedTask;
        },
        step.Sequence,
        (_, turn) =>
        {
            turn.State = (int)TurnState.Queued;
            turn.ClearOwner();
            turn.ClearStartTime();
        });

    /// <inheritdoc cref="IChatStore.KeepProgressAsync" />
    public Task KeepProgressAsync(ChatKey key, ProgressStep step)
    {
        var progress = step.Progress.ToByteArray();
        return ChangeTurnAsync(
            key,
            chat =>
            {
                var turn = Find(chat, step.Sequence);
                StepRules.CheckProgress(step, PlaceOf(turn), turn?.Progress.Count ?? 0);
                return Task.CompletedTask;
            },
            step.Sequence,
            // Beside the head, which would grow with each step else.
            (edit, turn) => turn.Progress.Add(edit.Put(progress, isInline: false)));
    }

    /// <inheritdoc cref="IChatStore.UpdateSettingsAsync" />
    public Task UpdateSettingsAsync(ChatKey key, long version, ChatSettings settings, DateTimeOffset updateTime, long growth)
    {
        var stored = StoredSettings.From(settings);
        var rest = settings.Clone();
        rest.Config = null;
        return heads.CommitAsync<bool>(key, head =>
        {
            var chat = head.Chat ?? throw StepRules.NoSuchChat();
            StepRules.CheckVersion(chat.Version, version);
            var edit = heads.Edit(key, head);
            edit.Release(edit.Chat.Config);
            edit.Chat.Version = version + 1;
            edit.Chat.Settings = rest;
            edit.Chat.Config = stored.Config is null ? null : edit.Put(stored.Config);
            edit.Chat.UpdateTime = updateTime.UtcTicks;
            edit.Chat.HistoryBytes += growth;
            return Task.FromResult<(HeadEdit?, bool)>((edit, true));
        });
    }

    /// <inheritdoc cref="IChatStore.ReadProgressAsync" />
    public async Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, ChatHead head, string turnId)
    {
        if (head.Chat?.Tail.FirstOrDefault(turn => turn.TurnId == turnId) is not { } turn)
        {
            return [];
        }

        var steps = await RecordStorage.ForEachAsync(turn.Progress, payload => files.ReadPayloadAsync(key, payload)).ConfigureAwait(false);
        return [.. steps.Select(TurnProgress.Parser.Parse)];
    }

    private Task<bool> ChangeTurnAsync(ChatKey key, Func<ChatHead.Types.Chat, Task> check, long sequence, Action<HeadEdit, LogTurn> change) =>
        heads.CommitAsync<bool>(key, async head =>
        {
            await check(head.Chat ?? throw StepRules.NoSuchChat()).ConfigureAwait(false);
            var edit = heads.Edit(key, head);
            change(edit, Find(edit.Chat, sequence)!);
            return (edit, true);
        });

    private async Task ChangeAsync(ChatKey key, HeadEdit edit, HeadChange change)
    {
        var chat = edit.Chat;
        chat.Revision = change.Revision;
        chat.HistoryBytes += change.HistoryBytes;
        chat.TotalUsage = change.TotalUsage?.Clone();
        if (change.Recorded)
        {
            chat.TurnCount++;
            chat.UpdateTime = change.UpdateTime.UtcTicks;
        }

        chat.OpenSequence = change.OpenSequence ?? chat.OpenSequence;
        if (change.Closes.Count > 0)
        {
            await log.AmendAsync(key, edit, change.Closes.ToHashSet(), static turn => turn.Curated = true).ConfigureAwait(false);
        }
    }

    // A pending turn is in the tail; one that is not there has ended.
    private static LogTurn? Find(ChatHead.Types.Chat chat, long sequence) => chat.Tail.FirstOrDefault(turn => turn.Sequence == sequence);

    private static TurnPlace? PlaceOf(LogTurn? turn) => turn is null ? null : TurnMapping.PlaceOf(turn);
}
