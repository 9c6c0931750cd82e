using GenAI.Chats.Storage.GrainStorage.Logs;
using GenAI.Chats.Storage.GrainStorage.Sharing;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// Creates forks. A fork is first added to the lists of forks of the chats that wrote the records of its source's log. From then on, no server clears
/// records that it might get. Then its head is written, with references to these records.
/// </summary>
internal sealed class ChatForks(ChatHeads heads, LogEdits edits, ChatCatalog catalog, ForkLists forks, Garbage garbage)
{
    /// <inheritdoc cref="ForkStep" />
    public async Task<StepResult> ForkAsync(ForkStep step, SerializedStep serialized)
    {
        var key = step.Chat.Key;
        var tries = new List<Try>();
        var isUnknown = false;
        try
        {
            return await catalog.AddAsync(
                key,
                step.MaxChats,
                async commits =>
                {
                    tries.Add(new Try(new ForksRecord.Types.Fork { ChatId = key.ChatId, Id = RecordName.NewRecord(), Commits = commits }));
                    await ShareAsync(step, tries[^1]).ConfigureAwait(false);
                },
                async (edit, segment) =>
                {
                    edit.Head.Chat = HeadMapping.ToHead(step.Chat, serialized.Settings!.Rest, segment, heads.Now);
                    edit.Chat.ForkId = tries[^1].Fork.Id;
                    edit.Chat.Config = serialized.Settings.Config is { } config ? edit.Put(config) : null;
                    await edits.ForkAsync(key, edit, step.Source, tries[^1].Source!, step.Path).ConfigureAwait(false);
                }).ConfigureAwait(false);
        }
        catch (ChatStoreException)
        {
            isUnknown = true;
            throw;
        }
        finally
        {
            garbage.Run(() => WithdrawAsync(key, tries, isUnknown));
        }
    }

    private async Task ShareAsync(ForkStep step, Try current)
    {
        while (current.Source is null)
        {
            var known = Check(step, (await heads.ReadAsync(step.Source).ConfigureAwait(false)).Head);
            foreach (var origin in known.Origins.Prepend(step.Source.ChatId).Except(current.Origins).ToList())
            {
                current.Origins.Add(origin);
                await forks.AddAsync(step.Source with { ChatId = origin }, current.Fork).ConfigureAwait(false);
            }

            var source = await heads.CommitAsync<ChatHead.Types.Chat>(
                step.Source,
                head =>
                {
                    var chat = Check(step, head);
                    var edit = head.HasForks ? null : heads.Edit(step.Source, head);
                    if (edit is not null)
                    {
                        edit.Head.HasForks = true;
                    }

                    return Task.FromResult((edit, chat));
                },
                isStep: false).ConfigureAwait(false);
            current.Source = source.Origins.All(current.Origins.Contains) ? source : null;
        }
    }

    private ChatHead.Types.Chat Check(ForkStep step, ChatHead head)
    {
        var source = heads.Existing(head);
        var hasPath = source is not null && HeadMapping.RangesOf(source).Covers(step.Path) && (step.Path.Count == 0 || step.Path[^1].Last <= source.LastSequence);
        StepPreconditions.CheckFork(step, source?.Incarnation, hasPath);
        return source!;
    }

    // Removes forks from the lists that weren't created.
    private async Task WithdrawAsync(ChatKey key, IReadOnlyList<Try> tries, bool isUnknown)
    {
        if (tries.Count == 0)
        {
            return;
        }

        // If the outcome of the last try is unknown, it might still be written, and the fork stays in the lists.
        var head = (await heads.ReadAsync(key).ConfigureAwait(false)).Head;
        foreach (var one in tries.Where(one => head.Chat?.ForkId != one.Fork.Id && (!isUnknown || head.Commits > one.Fork.Commits)))
        {
            foreach (var origin in one.Origins)
            {
                await forks.RemoveAsync(key with { ChatId = origin }, key.ChatId, one.Fork.Id).ConfigureAwait(false);
            }
        }
    }

    private sealed record Try(ForksRecord.Types.Fork Fork)
    {
        public HashSet<string> Origins { get; } = new(StringComparer.Ordinal);

        public ChatHead.Types.Chat? Source { get; set; }
    }
}
