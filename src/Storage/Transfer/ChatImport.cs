using System.Threading.Channels;

namespace GenAI.Chats.Storage.Transfer;

/// <summary>
/// Imports one chat: its head, then its turns one by one. If an earlier import has imported a part of the chat, this one continues. If the chat is
/// complete, nothing changes. If the chat has expired, it is skipped.
/// </summary>
internal sealed class ChatImport(IChatStore store, TransferChat chat, string tenant, string owner, long line, TimeProvider time)
{
    private readonly Channel<(TransferTurn Turn, Action Done)> _turns =
        Channel.CreateUnbounded<(TransferTurn, Action)>(new() { SingleReader = true, SingleWriter = true });

    private readonly List<TurnRecord> _pieces = [];
    private ChatKey _key;
    private long _present;
    private ChatTree? _tree;
    private long _revision;
    private bool _isDropped;
    private bool _isExpired = chat.Settings?.ExpireTime is { } expireTime && expireTime.ToDateTimeOffset() <= time.GetUtcNow();

    /// <summary>Adds the next turn. The caller limits the number of waiting turns.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="done">Called when the turn is in the store.</param>
    public void Add(TransferTurn turn, Action done) => _turns.Writer.TryWrite((turn, done));

    /// <summary>Marks the end of the turns.</summary>
    public void Complete() => _turns.Writer.TryComplete();

    /// <summary>Marks the end of the turns, and drops the chat, which was deleted during its export.</summary>
    public void Drop()
    {
        _isDropped = true;
        Complete();
    }

    /// <summary>Imports the chat, with the turns that are added.</summary>
    /// <returns>The counts of what was imported.</returns>
    /// <exception cref="TransferException">Another chat has the ID, or others are writing the chat.</exception>
    public async Task<TransferCounts> RunAsync(CancellationToken cancellationToken)
    {
        var written = 0L;
        var count = 0L;
        var isCreated = false;
        await foreach (var (turn, done) in _turns.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            count++;
            if (turn.Sequence != count || count > chat.Turns)
            {
                throw Failure($"expected turn {count} of {chat.Turns}, found turn {turn.Sequence}");
            }

            if (turn.TurnId.Length == 0)
            {
                _pieces.Add(TransferRecords.ToRecord(turn));
            }
            else if (!_isExpired)
            {
                isCreated |= await CreateOnceAsync(cancellationToken).ConfigureAwait(false);
                written += await AddAsync(turn, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }

            done();
        }

        if (_isDropped)
        {
            if (_key != default)
            {
                await store.ApplyAsync(_key, NewDeletion()).ConfigureAwait(false);
            }

            return default;
        }

        if (count != chat.Turns)
        {
            throw Failure($"expected {chat.Turns} turns, found {count}");
        }

        isCreated |= !_isExpired && await CreateOnceAsync(cancellationToken).ConfigureAwait(false);
        if (_isExpired || await HasExpiredAsync(cancellationToken).ConfigureAwait(false))
        {
            return new TransferCounts(0, 0, Expired: 1);
        }

        return isCreated || written > 0
            ? new TransferCounts(1, written + (isCreated ? _pieces.Count : 0))
            : new TransferCounts(0, 0, Present: 1);
    }

    // Returns true if the turn was written.
    private async Task<bool> AddAsync(TransferTurn turn, CancellationToken cancellationToken)
    {
        var record = TransferRecords.ToRecord(turn);
        var head = NextHead(turn, record);
        try
        {
            if (turn.Sequence > _present)
            {
                await AppendAsync(turn, record, head).ConfigureAwait(false);
                return true;
            }

            if (turn.Sequence == Math.Min(_present, chat.Turns))
            {
                await CheckAsync(turn, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (TransferException)
        {
            // The chat may have expired since it was created, or before, by the clock of the store.
            _isExpired = await HasExpiredAsync(cancellationToken).ConfigureAwait(false);
            if (!_isExpired)
            {
                throw;
            }
        }

        return false;
    }

    private async Task<bool> HasExpiredAsync(CancellationToken cancellationToken) =>
        chat.Settings is { ExpireTime: not null } or { Ttl: not null } && await store.LoadAsync(_key, cancellationToken).ConfigureAwait(false) is null;

    // Called with the first turn, when all pieces of the initial history are known. Returns true if the chat was created.
    private async Task<bool> CreateOnceAsync(CancellationToken cancellationToken)
    {
        if (_key != default)
        {
            return false;
        }

        var head = TransferRecords.ToNewChat(chat, tenant) with { OpenSequence = chat.OpenSequence <= _pieces.Count ? chat.OpenSequence : 0 };
        _key = head.Key;
        _tree = head.Tree;
        var created = await store.ApplyAsync(_key, new CreateStep(head, _pieces, long.MaxValue)).ConfigureAwait(false);
        if (created.ExistingChat is not { } present)
        {
            _present = _pieces.Count;
            return true;
        }

        if (present.CreateTime != head.CreateTime || present.CreateRequestId != head.CreateRequestId
            || !present.CreateRequestHash.Span.SequenceEqual(head.CreateRequestHash.Span))
        {
            throw Failure("another chat with this ID exists");
        }

        _present = (await store.LoadAsync(_key, cancellationToken).ConfigureAwait(false))?.LastSequence ?? 0;
        return false;
    }

    // An import that continues must not continue another log.
    private async Task CheckAsync(TransferTurn turn, CancellationToken cancellationToken)
    {
        var present = await store.FindTurnAsync(_key, turn.TurnId, cancellationToken).ConfigureAwait(false);
        if (present?.Sequence != turn.Sequence)
        {
            throw Failure($"its turn {turn.Sequence} differs from the one in the store");
        }
    }

    // Called with each turn, also if it is in the store already, because the tree grows with the turns. Null if the turn doesn't change the head.
    private HeadChange? NextHead(TransferTurn message, TurnRecord turn)
    {
        var isMove = turn.Input.Move is not null;
        if (turn.Revision == 0 && !isMove)
        {
            return null;
        }

        // The head was created with the final sums.
        var tree = new HistoryTree(_tree, _revision);
        var head = new HeadChange(_revision, Recorded: !isMove, 0, chat.TotalUsage, chat.UpdateTime.ToDateTimeOffset()) { Ttl = chat.Settings?.Ttl?.ToTimeSpan() };
        if (isMove)
        {
            var to = message.Parent ?? throw Failure($"turn {turn.Sequence} changes the head without a new one");
            head = head with { Moves = true, Tree = tree.MoveTo(to.Sequence, to.Revision), TurnCount = tree.CountTo(to.Revision) };
        }
        else
        {
            var (changed, count) = tree.Add(turn.Sequence, message.Parent);
            head = head with { Tree = changed, TurnCount = count, OpenSequence = turn.Sequence == chat.OpenSequence ? turn.Sequence : null };
        }

        (_tree, _revision) = (head.Tree ?? _tree, head.Revision);
        return head;
    }

    private async Task AppendAsync(TransferTurn message, TurnRecord turn, HeadChange? head)
    {
        var keeps = message.Progress.Count > 0;
        if (keeps)
        {
            turn = turn with { State = TurnState.Running, Owner = owner };
        }

        try
        {
            var step = new AcceptStep { Turn = turn, Version = chat.Version, Head = head };
            if ((await store.ApplyAsync(_key, step).ConfigureAwait(false)).ExistingTurn is not null)
            {
                throw Failure($"another turn has the request ID of turn {turn.Sequence}");
            }

            if (keeps)
            {
                await KeepAsync(turn, message).ConfigureAwait(false);
            }

            if ((TurnStop)message.Stop is not TurnStop.None and var stop)
            {
                await store.ApplyAsync(_key, new StopStep(turn.Sequence, turn.TurnId, stop)).ConfigureAwait(false);
            }
        }
        catch (ChatConflictException conflict)
        {
            throw Failure($"can't append turn {turn.Sequence}: {conflict.Message.TrimEnd('.')}");
        }
        catch (ArgumentException wrong)
        {
            throw Failure($"turn {turn.Sequence} isn't valid: {wrong.Message}");
        }
    }

    private async Task KeepAsync(TurnRecord turn, TransferTurn message)
    {
        for (var place = 0; place < message.Progress.Count; place++)
        {
            await store.ApplyAsync(_key, new ProgressStep(turn.Sequence, turn.TurnId, turn.Attempt, owner, place, message.Progress[place])).ConfigureAwait(false);
        }

        await store.ApplyAsync(_key, new ReleaseStep(turn.Sequence, turn.TurnId, turn.Attempt, owner)).ConfigureAwait(false);
    }

    // It is never retried, so it needs no time after which it can be forgotten.
    private DeleteStep NewDeletion() => new(Guid.CreateVersion7().ToString("N"), chat.UpdateTime.ToDateTimeOffset(), DateTimeOffset.MinValue);

    private TransferException Failure(string why) => new($"Line {line}: chat '{chat.ChatId}': {why}.");
}
