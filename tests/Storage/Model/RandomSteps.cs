using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Storage.Tests.Model;

/// <summary>
/// Takes random steps on a store and on the model, most of them such that they can be done, and compares what each comes to and what can be
/// read then.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="time">Its clock.</param>
/// <param name="random">Where the steps come from.</param>
/// <param name="caller">Has chats and owners of its own.</param>
/// <param name="isReliable">Whether the store's parts don't fail: then no stop is missing in a beat.</param>
/// <param name="isAlone">Whether nobody else uses the store, so that the clock may move and all that is abandoned is known.</param>
internal sealed class RandomSteps(IStorageBackend store, ManualTimeProvider time, Random random, string caller, bool isReliable, bool isAlone)
{
    private static readonly string[] Labels = ["a", "b", "c"];

    private readonly ModelStore _model = new(time);
    private readonly HashSet<StoppedTurn> _told = [];
    private readonly List<ForkStep> _forks = [];
    private int _names;
    private int _deletions;

    public async Task RunAsync(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            await StepAsync();
            await ReadAsync();
        }

        foreach (var chat in _model.Chats)
        {
            Assert.Equal(Render.Of(chat.Snapshot()), Render.Of(await store.LoadWholeAsync(chat.Head.Key, default)));
            var range = new LogRange(0, int.MaxValue - 1, long.MaxValue) { Scope = LogScope.Whole };
            Assert.Equal(Render.Of(_model.ReadLog(chat.Head.Key, range)), Render.Of(await store.ReadLogAsync(chat.Head.Key, range, default)));
        }

        Assert.True(steps < 1000 || _model.Counts is { Forks: > 0, Moves: > 3, Erasures: > 0 }, "The steps are too few of a kind.");
    }

    private async Task StepAsync()
    {
        var key = Key();
        var chat = _model.Find(key);
        switch (random.Next(20))
        {
            case < 2:
                var create = Create(key);
                await CompareAsync(_model.Create(create), async () => Found(await store.CreateAsync(create)));
                break;
            case 2 when random.Next(2) == 0:
                var free = Enumerable.Range(0, 6).Select(i => key with { ChatId = $"chat-{i}" }).FirstOrDefault(other => _model.Find(other) is null, key);
                var fork = Fork(key = random.Next(4) > 0 ? free : key, _model.Find(new ChatKey(key.Tenant, Key().ChatId)));
                await CompareAsync(_model.Fork(fork), async () => Found((await store.ApplyAsync(key, fork)).ExistingChat));
                break;
            case < 4 when chat is not null:
                chat = random.Next(4) > 0 ? _model.Chats.Find(other => !other.Log.Exists(turn => turn.IsPending)) ?? chat : chat;
                key = chat.Head.Key;
                var move = Move(chat);
                await CompareAsync(_model.Accept(key, move), async () => Found(key, await store.AcceptAsync(key, move)));
                break;
            case < 8:
                var accept = Accept(chat);
                await CompareAsync(_model.Accept(key, accept), async () => Found(key, await store.AcceptAsync(key, accept)));
                break;
            case < 11:
                var start = Start(chat);
                await CompareAsync(_model.Start(key, start), () => store.StartAsync(key, start));
                break;
            case < 15:
                var end = End(chat);
                await CompareAsync(_model.End(key, end), () => store.EndAsync(key, end));
                break;
            case 15:
                var release = Release(chat);
                await CompareAsync(_model.Release(key, release), () => store.ReleaseAsync(key, release));
                break;
            case 16 when random.Next(2) == 0:
                var progress = Progress(chat);
                await CompareAsync(_model.KeepProgress(key, progress), () => store.KeepProgressAsync(key, progress));
                break;
            case 16:
                var (version, settings, updated) = (Near(chat?.Head.Version ?? 1), Make.Settings(Name("model"), RandomLabels()), RandomTime());
                var growth = random.Next(-10, 10);
                await CompareAsync(
                    _model.UpdateSettings(key, version, settings, updated, growth),
                    () => store.UpdateSettingsAsync(key, version, settings, updated, growth));
                break;
            case 17 when random.Next(3) == 0:
                // Some are sent again.
                var delete = new DeleteStep($"delete-{(random.Next(3) == 0 ? _deletions : ++_deletions)}", Make.After(_names), DateTimeOffset.MinValue);
                await CompareAsync(_model.Delete(key, delete.RequestId), async () => new Answer((await store.DeleteAsync(key, delete)).ToString()));
                break;
            case 17 when random.Next(2) == 0:
                var stop = Stop(chat);
                await CompareAsync(_model.Stop(key, stop), () => store.StopAsync(key, stop));
                break;
            default:
                await OwnersAsync();
                break;
        }
    }

    private async Task OwnersAsync()
    {
        var owner = Owner();
        if (random.Next(4) == 0)
        {
            _model.Leave(owner);
            await store.LeaveAsync(owner);
        }
        else
        {
            var lifetime = TimeSpan.FromSeconds(random.Next(1, 10));
            var stopped = _model.Beat(owner, lifetime);
            var found = await store.HeartbeatAsync(owner, lifetime);
            Assert.Empty(isReliable ? stopped.Except(_told).Except(found) : []);
            Assert.Empty(found.Except(_model.Stops));
            _told.UnionWith(found);
        }

        if (isAlone)
        {
            time.Advance(TimeSpan.FromSeconds(random.Next(4)));
        }
    }

    private async Task ReadAsync()
    {
        var key = Key();
        Assert.Equal(Render.Of(_model.Find(key)?.Snapshot()), Render.Of(await store.LoadWholeAsync(key, default)));

        var incarnation = random.Next(3) > 0 ? null : random.Next(3) > 0 ? _model.Find(key)?.Head.Incarnation : "another";
        var range = new LogRange(random.Next(12), random.Next(1, 6), random.Next(3) == 0 ? random.Next(400) : long.MaxValue, incarnation)
        {
            Scope = (LogScope)random.Next(3),
            Curated = random.Next(4) == 0,
            NewestFirst = random.Next(3) == 0,
            Path = random.Next(3) == 0 && _model.Find(key) is { } chat ? ChatPaths.To(chat.Head.Tree, RandomTurn(chat).Sequence) : null,
        };
        range = random.Next(3) == 0 ? range with { BeforeSequence = random.Next(12) } : range;
        Assert.Equal(Render.Of(_model.ReadLog(key, range)), Render.Of(await store.ReadLogAsync(key, range, default)));

        await FindRevisionAsync(key);
        var log = _model.Find(key)?.Log ?? [];
        var some = log.Count == 0 ? Make.Queued(1) : log[random.Next(log.Count)];
        Assert.Equal(
            Render.Of(log.Find(turn => some.TurnId != "" && turn.TurnId == some.TurnId)), Render.Of(await store.FindWholeTurnAsync(key, some.TurnId, default)));
        Assert.Equal(
            Render.Of(log.Find(turn => some.RequestId != "" && turn.RequestId == some.RequestId)),
            Render.Of(await store.FindRequestAsync(key, some.RequestId, default)));

        if (some.IsPending)
        {
            Assert.Equal(_model.ReadProgress(key, some.Sequence), await store.ReadProgressAsync(key, some.TurnId, default));
        }

        var after = random.Next(2) == 0 ? (ChatListPosition?)null : new ChatListPosition(RandomTime(), $"chat-{random.Next(6)}");
        var labels = RandomLabels().Take(random.Next(3)).Select(label => KeyValuePair.Create(label.Key, label.Value)).ToList();
        var query = new ChatListQuery(key.Tenant, labels, random.Next(1, 6), after);
        Assert.Equal(Render.Of(_model.List(query)), Render.Of(await store.ListWholeAsync(query, default)));

        if (isAlone)
        {
            Assert.Equal(_model.FindAbandoned(), await store.AbandonedAsync(100));
        }
    }

    private async Task FindRevisionAsync(ChatKey key)
    {
        var revision = random.NextInt64((_model.Find(key)?.Head.Revision ?? 0) + 2);
        var turn = revision == 0 ? null : _model.Find(key)?.Log.Find(turn => turn.Revision == revision);
        var range = _model.Find(key)?.Tree.RangeOf(revision) ?? SequenceRange.All;
        Assert.Equal(Render.Of(turn?.WithoutInput()), Render.Of(await store.FindRevisionAsync(key, revision, range, default)));
    }

    // A path that the source had before, and might have no more, or one that it has.
    private ForkStep Fork(ChatKey key, ModelChat? source)
    {
        if (source is not null)
        {
            var turn = RandomTurn(source);
            _forks.Add(new ForkStep(
                Make.Chat(key) with
                {
                    Revision = turn.Revision,
                    TurnCount = source.Tree.CountTo(turn.Revision),
                    Tree = source.Tree.ForkAt(turn.Sequence, new Chat.Types.ForkPoint { Revision = turn.Revision }),
                },
                source.Head.Key,
                random.Next(10) == 0 ? "another" : source.Head.Incarnation,
                ChatPaths.To(source.Head.Tree, turn.Sequence),
                MaxChats: random.Next(4, 7)));
        }

        var step = _forks.Count == 0 || (source is null && random.Next(2) == 0)
            ? new ForkStep(Make.Chat(key), key with { ChatId = "missing" }, "", [], 4)
            : _forks[random.Next(2) == 0 ? random.Next(_forks.Count) : ^1];
        var chat = step.Chat with { Key = key, Incarnation = Name("incarnation"), Settings = Make.Settings(Name("model"), RandomLabels()), UpdateTime = RandomTime() };
        return step with { Chat = chat, Source = step.Source with { Tenant = key.Tenant } };
    }

    private AcceptStep Move(ModelChat chat)
    {
        var (turn, erase) = (RandomTurn(chat), random.Next(3) == 0);
        var entry = Make.Ended(Near(chat.Last + 1), 0) with
        {
            TurnId = Name("move"),
            RequestId = Name("request"),
            Input = new TurnInput { Move = new TurnInput.Types.Move { Revision = turn.Revision, Erase = erase } },
            Outcome = new TurnOutcome(),
        };
        return Make.Accept(entry, Near(chat.Head.Version)) with
        {
            Head = Make.Change(Near(chat.Head.Revision)) with
            {
                Recorded = false,
                Moves = true,
                Tree = erase ? chat.Tree.EraseAfter(turn.Sequence, turn.Revision) : chat.Tree.MoveTo(turn.Sequence, turn.Revision),
                TurnCount = chat.Tree.CountTo(turn.Revision),
                Keeps = erase ? ChatPaths.To(chat.Head.Tree, turn.Sequence) : null,
                OpenSequence = random.Next(3) == 0 ? 0 : null,
            },
        };
    }

    // A recorded turn on any branch, or the initial history.
    private TurnInput.Types.Parent RandomTurn(ModelChat chat)
    {
        var revisions = chat.Log.Select(turn => turn.Revision).Where(revision => revision > 0).Append(0).ToList();
        return chat.Recorded(revisions[random.Next(revisions.Count)])!;
    }

    // Most turns follow the head.
    private HeadChange WithTree(HeadChange change, ModelChat? chat, long sequence)
    {
        if (!change.Recorded || chat is null)
        {
            return change;
        }

        var (tree, count) = chat.Tree.Add(sequence, random.Next(4) == 0 ? RandomTurn(chat) : null);
        return change with { Tree = tree, TurnCount = count };
    }

    private CreateStep Create(ChatKey key)
    {
        var step = Make.Create(key, random.Next(4), maxChats: 4, Make.Settings(Name("model"), RandomLabels()));
        return step with { Chat = step.Chat with { UpdateTime = RandomTime(), Incarnation = Name("incarnation") } };
    }

    private AcceptStep Accept(ModelChat? chat)
    {
        var (log, head) = (chat?.Log ?? [], chat?.Head);
        var sequence = Near((chat?.Last ?? 0) + 1);
        var revision = Near((head?.Revision ?? 0) + 1);
        var turn = random.Next(4) switch
        {
            0 => Make.Running(sequence, Owner()),
            1 when revision > 0 => Make.Ended(sequence, revision),
            2 => Make.Ended(sequence, 0),
            _ => Make.Queued(sequence),
        };
        turn = turn with { TurnId = Name("turn"), RequestId = random.Next(10) == 0 ? "" : Name("request"), CreateTime = RandomTime() };
        var other = log.Count == 0 || random.Next(3) > 0 ? null : log.Concat(chat!.Erased).ElementAt(random.Next(log.Count + chat.Erased.Count));
        if (other is { TurnId: not "", RequestId: not "" })
        {
            turn = random.Next(3) == 0 ? turn with { TurnId = other.TurnId } : turn with { RequestId = other.RequestId };
        }

        var step = Make.Accept(turn, Near(head?.Version ?? 1));
        return step with
        {
            Head = step.Head is { } change ? WithTree(RandomExchange(change, chat, sequence), chat, sequence) : null,
            StopsOthers = random.Next(3) > 0 ? TurnStop.None : RandomStop(),
            ExpectedRevision = random.Next(3) == 0 ? Near(head?.Revision ?? 0) : null,
            Replaces = other is { TurnId: not "" } && turn.RequestId.Length > 0 && random.Next(3) > 0 ? other.TurnId : null,
        };
    }

    private StartStep Start(ModelChat? chat)
    {
        var turn = chat?.Log.Find(other => other.IsPending) ?? Make.Queued(1);
        return new StartStep(
            Near(turn.Sequence), NearId(turn), (int)Near(turn.Attempt + 1), random.Next(3), Owner(), Near(chat?.Head.Revision ?? 0), RandomTime());
    }

    private EndStep End(ModelChat? chat)
    {
        var pending = chat?.Log.FindAll(other => other.IsPending) ?? [];
        var turn = pending.Count == 0 ? Make.Queued(1) : pending[random.Next(3) == 0 ? random.Next(pending.Count) : 0];
        var owner = random.Next(4) == 0 ? null : random.Next(6) == 0 ? Owner() : turn.Owner;
        var step = Make.End(Near(turn.Sequence), (int)Near(turn.Attempt), owner, Near(chat?.Head.Revision ?? 0), random.Next(3) > 0);
        return step with
        {
            TurnId = NearId(turn),
            IsRunning = (random.Next(15) == 0) != (turn.State is TurnState.Running),
            Stop = random.Next(15) == 0 ? RandomStop() : turn.Stop,
            EndTime = RandomTime(),
            HasProgress = random.Next(2) == 0,
            Version = step.Sequence % 2 == 0 ? null : chat?.Head.Version,
            Head = WithTree(RandomExchange(step.Head with { UpdateTime = RandomTime() }, chat, step.Sequence), chat, step.Sequence),
        };
    }

    // A turn that chats share can become curated in all of them.
    private HeadChange RandomExchange(HeadChange change, ModelChat? chat, long sequence) => (change.Recorded ? random.Next(4) : 3) switch
    {
        2 when chat is { IsShared: true } => change,
        0 when sequence > 0 => change with { OpenSequence = sequence },
        1 => change with { OpenSequence = 0 },
        2 => change with { OpenSequence = 0, Closes = [.. Numbers(sequence).Where(_ => random.Next(3) == 0)] },
        _ => change,
    };

    private static IEnumerable<long> Numbers(long below) => Enumerable.Range(1, Math.Max(0, (int)below - 1)).Select(i => (long)i);

    private ProgressStep Progress(ModelChat? chat)
    {
        var turn = chat?.Log.Find(other => other.IsPending) ?? Make.Running(1);
        var kept = _model.ReadProgress(chat?.Head.Key ?? Key(), turn.Sequence).Count;
        var owner = random.Next(6) == 0 ? Owner() : turn.Owner ?? Owner();
        return new ProgressStep(Near(turn.Sequence), NearId(turn), (int)Near(turn.Attempt), owner, (int)Near(kept), Make.Progress(Name("step")));
    }

    private StopStep Stop(ModelChat? chat)
    {
        var turn = chat?.Log.FindLast(other => other.IsPending) ?? Make.Running(1);
        return new StopStep(Near(turn.Sequence), NearId(turn), RandomStop());
    }

    private TurnStop RandomStop() => random.Next(2) == 0 ? TurnStop.Cancel : TurnStop.RollBack;

    // Mostly the turn's own.
    private string NearId(TurnRecord turn) => random.Next(20) == 0 ? "another" : turn.TurnId;

    private ReleaseStep Release(ModelChat? chat)
    {
        var turn = chat?.Log.Find(other => other.IsPending) ?? Make.Running(1);
        return new ReleaseStep(Near(turn.Sequence), NearId(turn), (int)Near(turn.Attempt), random.Next(6) == 0 ? Owner() : turn.Owner ?? Owner());
    }

    private static async Task CompareAsync(Answer expected, Func<Task<Answer>> step)
    {
        Answer actual;
        try
        {
            actual = await step();
        }
        catch (ChatConflictException)
        {
            actual = Answer.Conflict;
        }
        catch (ChatLimitException)
        {
            actual = Answer.Limit;
        }

        Assert.Equal(expected.Text, actual.Text);
    }

    private static Task CompareAsync(Answer expected, Func<Task> step) => CompareAsync(expected, async () =>
    {
        await step();
        return Answer.Done;
    });

    private static Answer Found(ChatRecord? chat) => chat is null ? Answer.Done : Answer.Found(chat);

    private Answer Found(ChatKey key, TurnRecord? turn) => turn is null ? Answer.Done
        : _model.IsErased(key, turn.TurnId) ? Answer.Erased(turn)
        : Answer.Found(turn);

    private ChatKey Key() => new($"{caller}-tenant-{random.Next(2)}", $"chat-{random.Next(6)}");

    private string Owner() => $"{caller}-owner-{random.Next(3)}";

    private string Name(string what) => $"{what}-{++_names}";

    // Few enough that some are the same.
    private DateTimeOffset RandomTime() => Make.After(random.Next(12));

    private (string Key, string Value)[] RandomLabels() => [.. Labels.Where(_ => random.Next(2) == 0).Select(key => (key, Labels[random.Next(2)]))];

    /// <summary>Mostly the number itself.</summary>
    private long Near(long number) => random.Next(15) switch
    {
        0 => number + 1,
        1 => Math.Max(0, number - 1),
        _ => number,
    };
}
