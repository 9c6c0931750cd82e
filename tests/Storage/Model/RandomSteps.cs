using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using Duration = Google.Protobuf.WellKnownTypes.Duration;

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
            foreach (var scope in Enum.GetValues<LogScope>())
            {
                var range = new LogRange(0, int.MaxValue - 1, long.MaxValue) { Scope = scope };
                Assert.Equal(Render.Of(_model.ReadLog(chat.Head.Key, range)), Render.Of(await store.ReadLogAsync(chat.Head.Key, range, default)));
            }
        }
    }

    private async Task StepAsync()
    {
        var key = Key();
        var chat = _model.Find(key);
        switch (random.Next(23))
        {
            case 20 when chat is not null:
                var move = Move(chat);
                await CompareAsync(_model.Accept(key, move), async () => Found(chat, await store.AcceptAsync(key, move)));
                break;
            case > 20 when Source(key.Tenant) is { } source:
                var fork = Fork(source, key);
                await CompareCreationAsync(key, fork.MaxChats, () => _model.Fork(key, fork), async () => Found((await store.ApplyAsync(key, fork)).ExistingChat));
                break;
            case < 2 or > 19:
                var create = Create(key);
                await CompareCreationAsync(key, create.MaxChats, () => _model.Create(create), async () => Found(await store.CreateAsync(create)));
                break;
            case < 8:
                var accept = Accept(chat);
                await CompareAsync(_model.Accept(key, accept), async () => Found(chat, await store.AcceptAsync(key, accept)));
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
                var update = new UpdateStep(Near(chat?.Head.Version ?? 1), RandomSettings(), RandomTime(), random.Next(-10, 10)) { SetsExpiry = random.Next(2) == 0 };
                await CompareAsync(_model.Update(key, update), () => store.ApplyAsync(key, update));
                break;
            case 17 when random.Next(4) == 0:
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
        var snapshot = await store.LoadWholeAsync(key, default);
        Assert.Equal(Render.Of(_model.Find(key)?.Snapshot()), Render.Of(snapshot));
        Assert.Equal(_model.Find(key)?.Head.ExpireTime, snapshot?.Chat.ExpireTime);

        var incarnation = random.Next(3) > 0 ? null : random.Next(3) > 0 ? _model.Find(key)?.Head.Incarnation : "another";
        var range = new LogRange(random.Next(12), random.Next(1, 6), random.Next(3) == 0 ? random.Next(400) : long.MaxValue, incarnation)
        {
            Scope = (LogScope)random.Next(3),
            Curated = random.Next(4) == 0,
            NewestFirst = random.Next(2) == 0,
            BeforeSequence = random.Next(3) == 0 ? random.Next(1, 30) : long.MaxValue,
        };
        if (range.Scope is LogScope.Path && _model.Find(key) is { } chat && random.Next(2) == 0)
        {
            range = range with { Path = ChatPaths.To(chat.Head.Tree, TreeSteps.RandomNode(chat, random).Sequence) };
        }

        Assert.Equal(Render.Of(_model.ReadLog(key, range)), Render.Of(await store.ReadLogAsync(key, range, default)));
        await ReadTurnAsync(key);
        await ReadListAsync(key.Tenant);
    }

    private async Task ReadTurnAsync(ChatKey key)
    {
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

        if (some.Revision > 0 && TreeSteps.Tree(_model.Find(key)!.Head).RangeOf(some.Revision) is { } part)
        {
            Assert.Equal(Render.Of(some.WithoutInput()), Render.Of(await store.FindRevisionAsync(key, some.Revision, part, default)));
        }

        if (_model.Find(key)?.Erased is { Count: > 0 } erased && erased[random.Next(erased.Count)] is var lost)
        {
            Assert.Null(await store.FindTurnAsync(key, lost.TurnId, default));
            Assert.Null(await store.ReadInputAsync(key, lost.TurnId, default));
            var found = lost.RequestId == "" ? null : await store.FindRequestAsync(key, lost.RequestId, default);
            Assert.Equal(lost.RequestId == "" ? null : Answer.Erased(lost), found is null ? (Answer?)null : Answer.Erased(found));
        }
    }

    private async Task ReadListAsync(string tenant)
    {
        var after = random.Next(2) == 0 ? (ChatListPosition?)null : new ChatListPosition(RandomTime(), $"chat-{random.Next(6)}");
        var labels = RandomLabels().Take(random.Next(3)).Select(label => KeyValuePair.Create(label.Key, label.Value)).ToList();
        var query = new ChatListQuery(tenant, labels, random.Next(1, 6), after);
        Assert.Equal(Render.Of(_model.List(query)), Render.Of(await store.ListWholeAsync(query, default)));

        if (isAlone)
        {
            Assert.Equal(_model.FindAbandoned(), await store.AbandonedAsync(100));
        }
    }

    private CreateStep Create(ChatKey key)
    {
        var step = Make.Create(key, random.Next(4), maxChats: 4, RandomSettings());
        return step with { Chat = step.Chat with { UpdateTime = RandomTime(), Incarnation = Name("incarnation") } };
    }

    private AcceptStep Accept(ModelChat? chat)
    {
        var (log, head) = (chat?.Log ?? [], chat?.Head);
        var sequence = Near((chat?.LastSequence ?? 0) + 1);
        var revision = Near((head?.Revision ?? 0) + 1);
        var turn = random.Next(4) switch
        {
            0 => Make.Running(sequence, Owner()),
            1 when revision > 0 => Make.Ended(sequence, revision),
            2 => Make.Ended(sequence, 0),
            _ => Make.Queued(sequence),
        };
        turn = turn with { TurnId = Name("turn"), RequestId = random.Next(10) == 0 ? "" : Name("request"), CreateTime = RandomTime() };
        if (chat is not null && random.Next(4) == 0)
        {
            turn = turn with { Input = turn.Input.Clone(), InputBytes = 0 };
            turn.Input.Parent = TreeSteps.RandomNode(chat, random);
        }

        var own = log.FindAll(t => t.Sequence >= chat!.FirstOwn);
        var other = own.Count == 0 || random.Next(3) > 0 ? null : own[random.Next(own.Count)];
        if (other is { TurnId: not "" })
        {
            turn = random.Next(3) == 0 ? turn with { TurnId = other.TurnId } : turn with { RequestId = other.RequestId };
        }

        var step = Make.Accept(turn, Near(head?.Version ?? 1));
        return step with
        {
            Head = step.Head is { } change ? TreeSteps.Recording(RandomExchange(RandomTtl(change, chat), sequence, chat), chat, turn) : null,
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
            Head = TreeSteps.Recording(RandomExchange(RandomTtl(step.Head with { UpdateTime = RandomTime() }, chat), step.Sequence, chat), chat, turn),
        };
    }

    private AcceptStep Move(ModelChat chat)
    {
        var entry = Make.Ended(Near(chat.LastSequence + 1), revision: 0) with { TurnId = Name("turn"), RequestId = Name("request"), CreateTime = RandomTime() };
        var step = TreeSteps.Move(chat, TreeSteps.RandomNode(chat, random), erase: random.Next(3) == 0, entry, Near(chat.Head.Version));
        return step with { Head = RandomTtl(step.Head! with { UpdateTime = RandomTime() }, chat) };
    }

    private ForkStep Fork(ModelChat source, ChatKey key)
    {
        var fork = Make.Chat(key, RandomSettings()) with { UpdateTime = RandomTime(), Incarnation = Name("incarnation") };
        var step = TreeSteps.Fork(source, TreeSteps.RandomNode(source, random), fork, maxChats: 4);
        return random.Next(10) switch
        {
            0 => step with { SourceIncarnation = "another" },
            1 when source.Erased.Count > 0 => step with { Path = [new SequenceRange(1, source.LastSequence)] },
            _ => step,
        };
    }

    private ModelChat? Source(string tenant) =>
        _model.Chats.FindAll(chat => chat.Head.Key.Tenant == tenant) is { Count: > 0 } chats ? chats[random.Next(chats.Count)] : null;

    private HeadChange RandomTtl(HeadChange change, ModelChat? chat) =>
        random.Next(2) == 0 ? change : change with { Ttl = chat?.Head.Settings.Ttl?.ToTimeSpan() };

    private HeadChange RandomExchange(HeadChange change, long sequence, ModelChat? chat) => (change.Recorded ? random.Next(4) : 3) switch
    {
        0 when sequence > 0 => change with { OpenSequence = sequence },
        1 => change with { OpenSequence = 0 },
        2 => change with { OpenSequence = 0, Closes = [.. Numbers(sequence).Where(number => number >= chat?.FirstOwn && random.Next(3) == 0)] },
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

    private async Task CompareCreationAsync(ChatKey key, long maxChats, Func<Answer> expected, Func<Task<Answer>> step)
    {
        var mayBeFull = _model.MayBeFull(key.Tenant, maxChats);
        var actual = await AnswerAsync(step);
        if (actual != Answer.Limit || !mayBeFull)
        {
            Assert.Equal(expected().Text, actual.Text);
        }
    }

    private static async Task CompareAsync(Answer expected, Func<Task<Answer>> step) => Assert.Equal(expected.Text, (await AnswerAsync(step)).Text);

    private static async Task<Answer> AnswerAsync(Func<Task<Answer>> step)
    {
        try
        {
            return await step();
        }
        catch (ChatConflictException)
        {
            return Answer.Conflict;
        }
        catch (ChatLimitException)
        {
            return Answer.Limit;
        }
    }

    private static Task CompareAsync(Answer expected, Func<Task> step) => CompareAsync(expected, async () =>
    {
        await step();
        return Answer.Done;
    });

    private static Answer Found(ChatRecord? chat) => chat is null ? Answer.Done : Answer.Found(chat);

    private static Answer Found(ModelChat? chat, TurnRecord? turn) => turn is null ? Answer.Done
        : chat!.Erased.Exists(other => other.TurnId == turn.TurnId) ? Answer.Erased(turn)
        : Answer.Found(turn);

    private ChatKey Key() => new($"{caller}-tenant-{random.Next(2)}", $"chat-{random.Next(6)}");

    private string Owner() => $"{caller}-owner-{random.Next(3)}";

    private string Name(string what) => $"{what}-{++_names}";

    // Few enough that some are the same.
    private DateTimeOffset RandomTime() => Make.After(random.Next(12));

    private (string Key, string Value)[] RandomLabels() =>
        [.. Labels.Where(_ => random.Next(2) == 0).Select(key => (key, Labels[random.Next(2)]))];

    // Chats expire only when the clock moves.
    private ChatSettings RandomSettings()
    {
        var settings = Make.Settings(Name("model"), RandomLabels());
        settings.Ttl = random.Next(3) switch { 0 => null, 1 => Duration.FromTimeSpan(TimeSpan.FromSeconds(random.Next(2, 60))), _ => settings.Ttl };
        return settings;
    }

    /// <summary>Mostly the number itself.</summary>
    private long Near(long number) => random.Next(15) switch
    {
        0 => number + 1,
        1 => Math.Max(0, number - 1),
        _ => number,
    };
}
