using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>
/// A client that does one thing after the other to a chat, each until it is answered: sends with any policy, edits, regenerates, rewinds, erases, forks,
/// cancels, sets a ttl, deletes or lets expire, and creates again. It knows what it was told, and holds the chat against that.
/// </summary>
internal sealed class MixedClient(Scene scene, string chatId, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<MixedTurn> _turns = [];
    private readonly List<MixedRewind> _rewinds = [];
    private readonly List<MixedFork> _forks = [];
    private TimeSpan? _ttl;
    private long _erasedBefore;
    private TaskCompletionSource _answered = NewSource();
    private int _incarnation;
    private int _requests;

    /// <summary>How many turns were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>How many chats of the name were deleted.</summary>
    public int Deleted { get; private set; }

    /// <summary>How many rewinds were acknowledged.</summary>
    public int Rewound { get; private set; }

    /// <summary>How many rewinds erased turns.</summary>
    public int Erased { get; private set; }

    /// <summary>How many chats of the name expired.</summary>
    public int Expired { get; private set; }

    /// <summary>How many chats were forked.</summary>
    public int Forked => _forks.Count;

    private string Name => $"chats/{chatId}";

    /// <summary>Waits until something that is under way is answered.</summary>
    public Task AnsweredAsync() => Volatile.Read(ref _answered).Task.WaitAsync(TimeLimit.Token);

    /// <summary>Goes on until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await CreateAsync();
        while (!stop.IsCancellationRequested)
        {
            switch (_random.Next(22))
            {
                case 12 or 13 when _turns.Count > 0:
                    await EditAsync(RandomPolicy());
                    break;
                case 14 when _turns.Count > 0:
                    await RegenerateAsync(RandomPolicy());
                    break;
                case 15 or 16 when _turns.Count > 0:
                    await RewindAsync(_random.Next(2) == 0 ? BusyPolicy.Interrupt : BusyPolicy.Rollback);
                    break;
                case 17 when _turns.Count > 0:
                    await ForkAsync();
                    break;
                case 18 when _turns.Count > 0:
                    await EraseAsync(_random.Next(2) == 0 ? BusyPolicy.Interrupt : BusyPolicy.Rollback);
                    break;
                case 19:
                    await SetTtlAsync(_random.Next(4) == 0 ? null : TimeSpan.FromMinutes(_random.Next(30, 60)));
                    break;
                case 20:
                    await ExpireAsync();
                    await CreateAsync();
                    break;
                case < 5 or > 11:
                    await SendAsync(BusyPolicy.Enqueue);
                    break;
                case < 7:
                    await SendAsync(BusyPolicy.Interrupt);
                    break;
                case < 9:
                    await SendAsync(BusyPolicy.Rollback);
                    break;
                case < 11 when _turns.Count > 0:
                    await CancelAsync(_turns[_random.Next(_turns.Count)]);
                    break;
                default:
                    await DeleteAsync();
                    await CreateAsync();
                    break;
            }

            Interlocked.Exchange(ref _answered, NewSource()).SetResult();
            await Task.Delay(_random.Next(60), CancellationToken.None);
        }
    }

    /// <summary>Checks the chat when nothing is under way.</summary>
    public async Task CheckAsync(V1.Chats.ChatsClient client)
    {
        var turns = new List<(MixedTurn Told, Turn Is)>();
        foreach (var told in _turns)
        {
            turns.Add((told, await client.GetTurnAsync(new GetTurnRequest { Name = Name, TurnId = told.TurnId })));
        }

        Assert.All(turns, turn => Assert.True(turn.Is.State > Turn.Types.State.Running, $"{turn.Is} has not ended."));
        var path = await CheckTreeAsync(client, turns);
        foreach (var fork in _forks)
        {
            await fork.CheckAsync(client);
        }

        // What was pending when an acknowledged ROLLBACK came has left nothing; what an INTERRUPT or a cancellation stopped is not curated.
        foreach (var (told, turn) in turns)
        {
            foreach (var (_, before) in turns.Where(other => other.Told.Number < told.Number && IsPendingAt(other.Is, turn)))
            {
                Assert.True(told.OnBusy is not BusyPolicy.Rollback || before.Revision == 0, $"{before} was rolled back by {turn}.");
            }

            Assert.True(!told.IsCancelled || turn.State is not Turn.Types.State.Cancelled || !turn.Curated, $"{turn} was cancelled.");
        }

        // Turns of earlier chats of the name have other texts.
        var texts = (await ChatChecker.HistoryAsync(client, Name, curated: false)).ConvertAll(content => content.Text);
        Assert.Equal(path.ConvertAll(turn => turn.Told.Text), texts.Where((_, i) => i % 2 == 0));
        foreach (var (turn, answer) in path.Zip(texts.Where((_, i) => i % 2 == 1)))
        {
            Assert.StartsWith(answer, turn.Told.Text, StringComparison.Ordinal);
            Assert.True(turn.Is.State is not Turn.Types.State.Completed || answer == turn.Told.Text, $"{turn.Is} has the answer '{answer}'.");
        }
    }

    // Each recorded turn and each rewind has its revision, and each turn follows the one that the client said, or the head. Only revisions of turns that were
    // erased are missing. Returns the path to the head.
    private async Task<List<(MixedTurn Told, Turn Is)>> CheckTreeAsync(V1.Chats.ChatsClient client, List<(MixedTurn Told, Turn Is)> turns)
    {
        var chat = await client.GetChatAsync(new GetChatRequest { Name = Name });
        var recorded = turns.Where(turn => turn.Is.Revision > 0).ToDictionary(turn => turn.Is.Revision);
        var revisions = recorded.Keys.Concat(_rewinds.Select(rewind => rewind.Revision)).ToList();
        Assert.Equal(revisions.Count, revisions.Distinct().Count());
        Assert.Equal(
            Enumerable.Range(1, (int)chat.Revision).Select(i => (long)i).Where(i => i > _erasedBefore), revisions.Where(i => i > _erasedBefore).Order());
        long? head = 0;
        for (var revision = 1L; revision <= chat.Revision; revision++)
        {
            if (recorded.GetValueOrDefault(revision) is not { Told: { } told } turn)
            {
                head = _rewinds.SingleOrDefault(rewind => rewind.Revision == revision)?.Head;
                continue;
            }

            var parent = told.After ?? head;
            Assert.True(turn.Is.ParentRevision == parent, $"{turn.Is} doesn't follow {parent}.");
            Assert.True(turn.Is.State is Turn.Types.State.Completed || told.After is null, $"{turn.Is} changes the branch.");
            head = revision;
        }

        var path = new List<(MixedTurn Told, Turn Is)>();
        for (var at = head ?? -1; at != 0; at = recorded[at].Is.ParentRevision)
        {
            path.Insert(0, recorded[at]);
        }

        Assert.Equal((head, (long)path.Count), ((long?)chat.HeadRevision, (long)chat.TurnCount));
        Assert.Equal(_ttl, chat.Ttl?.ToTimeSpan());
        Assert.True(
            chat.ExpireTime?.ToDateTime() is { } expires ? expires > DateTime.UtcNow + _ttl - TimeSpan.FromMinutes(10) && expires < DateTime.UtcNow + _ttl : _ttl is null,
            $"A chat with the ttl {_ttl} expires at {chat.ExpireTime}.");
        Assert.All(recorded.Values, turn => Assert.Equal(path.Contains(turn), turn.Is.InHistory));
        var all = await client.ListTurnsAsync(new ListTurnsRequest { Name = Name, AllBranches = true, PageSize = 1000 });
        Assert.Equal(recorded.Keys.Order(), all.Turns.Select(turn => turn.Revision));
        return path;
    }

    // One server at a time takes their times, with the chat's lock held.
    private static bool IsPendingAt(Turn turn, Turn later) => turn.EndTime > later.CreateTime;

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BusyPolicy RandomPolicy() => _random.Next(3) switch { 0 => BusyPolicy.Interrupt, 1 => BusyPolicy.Rollback, _ => BusyPolicy.Enqueue };

    private Task SendAsync(BusyPolicy onBusy) => SendAsync(NewSend(), onBusy);

    private async Task EditAsync(BusyPolicy onBusy)
    {
        var request = NewSend();
        request.AfterRevision = (await RandomTurnAsync()).Is.Revision;
        await SendAsync(request, onBusy, after: request.AfterRevision);
    }

    private async Task RegenerateAsync(BusyPolicy onBusy)
    {
        var (told, turn) = await RandomTurnAsync();
        if (turn.Revision > 0)
        {
            var request = NewSend();
            request.RegenerateTurnId = turn.TurnId;
            await SendAsync(request, onBusy, after: turn.ParentRevision, text: told.Text);
        }
    }

    private async Task RewindAsync(BusyPolicy onBusy, bool erase = false)
    {
        var head = (await RandomTurnAsync()).Is.Revision;
        var request = new RewindChatRequest { Name = Name, Revision = head, RequestId = $"rewind.{_requests++}", OnBusy = onBusy, Erase = erase };
        var chat = await UntilAnsweredAsync(async client => await client.RewindChatAsync(request, cancellationToken: TimeLimit.Token));
        Assert.Equal(head, chat.HeadRevision);
        _rewinds.Add(new MixedRewind(chat.Revision, head));
        Rewound++;
    }

    // Only the path to the head remains, and perhaps turns that left nothing.
    private async Task EraseAsync(BusyPolicy onBusy)
    {
        await RewindAsync(onBusy, erase: true);
        var list = new ListTurnsRequest { Name = Name, AllBranches = true, PageSize = 1000 };
        var kept = (await UntilAnsweredAsync(async client => await client.ListTurnsAsync(list, cancellationToken: TimeLimit.Token))).Turns;
        Assert.All(kept, turn => Assert.True(turn.InHistory, $"{turn} isn't in the history, and was not erased."));
        Assert.Equal(_rewinds[^1].Head, kept.Count == 0 ? 0 : kept[^1].Revision);
        foreach (var told in _turns.ExceptBy(kept.Select(turn => turn.TurnId), turn => turn.TurnId).ToList())
        {
            if (await FindAsync(told) is { } turn)
            {
                Assert.True(turn.Revision == 0, $"{turn} was not erased.");
            }
            else
            {
                _turns.Remove(told);
            }
        }

        _erasedBefore = _rewinds[^1].Revision;
        Erased++;
    }

    private async Task<Turn?> FindAsync(MixedTurn told)
    {
        var request = new GetTurnRequest { Name = Name, TurnId = told.TurnId };
        return await UntilAnsweredAsync<Turn?>(async client =>
        {
            try
            {
                return await client.GetTurnAsync(request, cancellationToken: TimeLimit.Token);
            }
            catch (RpcException failure) when (Failures.Reason(failure) == "TURN_NOT_FOUND")
            {
                return null;
            }
        });
    }

    private async Task SetTtlAsync(TimeSpan? ttl)
    {
        var request = new UpdateChatRequest
        {
            Chat = new Chat { Name = Name, Ttl = ttl is { } set ? Duration.FromTimeSpan(set) : null },
            UpdateMask = new FieldMask { Paths = { "ttl" } },
        };
        await UntilAnsweredAsync(async client => await client.UpdateChatAsync(request, cancellationToken: TimeLimit.Token));
        _ttl = ttl;
    }

    // The chat expires when its pending turns have ended, and is then in no list.
    private async Task ExpireAsync()
    {
        var limit = TimeLimit.Token;
        try
        {
            await SetTtlAsync(TimeSpan.FromMilliseconds(_random.Next(1, 500)));
            while (true)
            {
                await UntilAnsweredAsync(async client => await client.GetChatAsync(new GetChatRequest { Name = Name }, cancellationToken: limit));
                await Task.Delay(TimeSpan.FromMilliseconds(50), limit);
            }
        }
        catch (RpcException failure) when (Failures.Reason(failure) == "CHAT_NOT_FOUND")
        {
            var list = await UntilAnsweredAsync(async client => await client.ListChatsAsync(new ListChatsRequest { PageSize = 1000 }, cancellationToken: limit));
            Assert.DoesNotContain(list.Chats, chat => chat.Name == Name);
        }

        Expired++;
        Forget();
    }

    private async Task ForkAsync()
    {
        var revision = (await RandomTurnAsync()).Is.Revision;
        var history = await UntilAnsweredAsync(client => ChatChecker.HistoryAsync(client, Name, curated: false, revision));
        var request = new ForkChatRequest { Name = Name, Revision = revision, ChatId = $"{chatId}-fork-{_forks.Count}", RequestId = "fork" };
        var fork = await UntilAnsweredAsync(async client => await client.ForkChatAsync(request, cancellationToken: TimeLimit.Token));
        _forks.Add(new MixedFork(fork.Name, history));
    }

    // Its revision is 0 if it has left nothing, or hasn't ended.
    private async Task<(MixedTurn Told, Turn Is)> RandomTurnAsync()
    {
        var told = _turns[_random.Next(_turns.Count)];
        var request = new GetTurnRequest { Name = Name, TurnId = told.TurnId };
        return (told, await UntilAnsweredAsync(async client => await client.GetTurnAsync(request, cancellationToken: TimeLimit.Token)));
    }

    private SendMessageRequest NewSend() =>
        Scene.Send(Name, $"{chatId}.{_incarnation}.{_requests++}", words: _random.Next(1, 8), pauseMilliseconds: _random.Next(60));

    private async Task SendAsync(SendMessageRequest request, BusyPolicy onBusy, long? after = null, string? text = null)
    {
        request.OnBusy = onBusy;
        var turnId = await UntilAnsweredAsync(async client =>
        {
            using var stream = client.SendMessageStream(request, cancellationToken: TimeLimit.Token);
            if ((await stream.ResponseHeadersAsync).GetValue("turn-id") is { } id)
            {
                return id;
            }

            // Rejected: the status says why.
            await stream.ResponseStream.MoveNext(TimeLimit.Token);
            return "";
        });
        if (turnId.Length > 0)
        {
            Acknowledged++;
            _turns.Add(new MixedTurn(_requests, turnId, text ?? request.Text, onBusy) { After = after });
        }
    }

    private async Task CancelAsync(MixedTurn turn)
    {
        await UntilAnsweredAsync(async client =>
            (await client.CancelTurnAsync(new CancelTurnRequest { Name = Name, TurnId = turn.TurnId }, cancellationToken: TimeLimit.Token)).TurnId);
        turn.IsCancelled = true;
    }

    private async Task DeleteAsync()
    {
        var request = new DeleteChatRequest { Name = Name, RequestId = $"delete-{_incarnation}" };
        await UntilAnsweredAsync(async client =>
        {
            await client.DeleteChatAsync(request, cancellationToken: TimeLimit.Token);
            return "";
        });
        Deleted++;
        Forget();
    }

    private void Forget()
    {
        _incarnation++;
        _turns.Clear();
        _rewinds.Clear();
        (_ttl, _erasedBefore) = (null, 0);
    }

    private Task<string> CreateAsync() => UntilAnsweredAsync(async client =>
        (await client.CreateChatAsync(
            new CreateChatRequest { ChatId = chatId, Model = Echo.Model, RequestId = $"create-{_incarnation}" }, cancellationToken: TimeLimit.Token)).Name);

    private async Task<T> UntilAnsweredAsync<T>(Func<V1.Chats.ChatsClient, Task<T>> call)
    {
        var limit = TimeLimit.Token;
        while (true)
        {
            try
            {
                return await call((await scene.Current.WaitAsync(limit)).Client);
            }
            catch (RpcException failure) when (Failures.IsPassing(failure) && !limit.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), limit);
            }
        }
    }
}
