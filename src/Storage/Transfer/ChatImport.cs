using System.Threading.Channels;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;

namespace GenAI.Chats.Storage.Transfer;

/// <summary>
/// Puts one chat into a store: its head, then its turns one by one, each as it is recorded. A chat that an earlier import left unfinished is gone on with; one that
/// is whole is left alone.
/// </summary>
internal sealed class ChatImport(IChatStore store, TransferChat chat, string tenant, string owner, long line)
{
    private readonly Channel<(TransferTurn Turn, Action Done)> _turns =
        Channel.CreateUnbounded<(TransferTurn, Action)>(new() { SingleReader = true, SingleWriter = true });

    private readonly List<TurnRecord> _pieces = [];
    private ChatKey _key;
    private long _present;
    private long _revision;
    private bool _isDropped;

    /// <summary>Gives the next turn. What waits is bounded by who gives it.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="done">Called once it is in the store.</param>
    public void Add(TransferTurn turn, Action done) => _turns.Writer.TryWrite((turn, done));

    /// <summary>No further turns.</summary>
    public void Complete() => _turns.Writer.TryComplete();

    /// <summary>No further turns, and those that came do not count: the chat was deleted while it was exported.</summary>
    public void Drop()
    {
        _isDropped = true;
        Complete();
    }

    /// <summary>Puts the chat into the store, with the turns that come.</summary>
    /// <returns>What was written.</returns>
    /// <exception cref="TransferException">Another chat has its id, or it is being written by others.</exception>
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
                throw Failure($"its turn {turn.Sequence} comes as number {count} of {chat.Turns}");
            }

            if (turn.TurnId.Length == 0)
            {
                _pieces.Add(TransferRecords.ToRecord(turn));
            }
            else
            {
                isCreated |= await CreateOnceAsync(cancellationToken).ConfigureAwait(false);
                if (turn.Sequence > _present)
                {
                    await AppendAsync(turn).ConfigureAwait(false);
                    written++;
                }
                else if (turn.Sequence == Math.Min(_present, chat.Turns))
                {
                    await CheckAsync(turn, cancellationToken).ConfigureAwait(false);
                }
            }

            _revision = Math.Max(_revision, turn.Revision);
            done();
        }

        if (_isDropped)
        {
            if (_key != default)
            {
                await store.DeleteAsync(_key, NewDeletion()).ConfigureAwait(false);
            }

            return default;
        }

        if (count != chat.Turns)
        {
            throw Failure($"{count} of its {chat.Turns} turns came");
        }

        isCreated |= await CreateOnceAsync(cancellationToken).ConfigureAwait(false);
        return isCreated || written > 0
            ? new TransferCounts(1, written + (isCreated ? _pieces.Count : 0))
            : new TransferCounts(0, 0, Present: 1);
    }

    // With the first turn, when all pieces of the initial history are known. True: it was not there before.
    private async Task<bool> CreateOnceAsync(CancellationToken cancellationToken)
    {
        if (_key != default)
        {
            return false;
        }

        var head = TransferRecords.ToNewChat(chat, tenant);
        _key = head.Key;
        if (await store.CreateAsync(new CreateStep(head, _pieces, long.MaxValue)).ConfigureAwait(false) is not { } present)
        {
            _present = _pieces.Count;
            return true;
        }

        if (present.CreateTime != head.CreateTime || present.CreateRequestId != head.CreateRequestId
            || !present.CreateRequestHash.Span.SequenceEqual(head.CreateRequestHash.Span))
        {
            throw Failure("the store has another chat of that id");
        }

        _present = (await store.LoadAsync(_key, cancellationToken).ConfigureAwait(false))?.LastSequence ?? 0;
        return false;
    }

    // Who goes on with a chat must not go another way than it went.
    private async Task CheckAsync(TransferTurn turn, CancellationToken cancellationToken)
    {
        var present = await store.FindTurnAsync(_key, turn.TurnId, cancellationToken).ConfigureAwait(false);
        if (present?.Sequence != turn.Sequence)
        {
            throw Failure($"the store's turn {turn.Sequence} of it is another one");
        }
    }

    private async Task AppendAsync(TransferTurn message)
    {
        var turn = TransferRecords.ToRecord(message);
        var keeps = message.Progress.Count > 0;
        if (keeps)
        {
            turn = turn with { State = TurnState.Running, Owner = owner };
        }

        // The sums are the head's already.
        var head = turn.Revision == 0
            ? null
            : new HeadChange(_revision, Recorded: true, 0, chat.TotalUsage, chat.UpdateTime.ToDateTimeOffset())
            {
                OpenSequence = turn.Sequence == chat.OpenSequence ? turn.Sequence : null,
            };
        try
        {
            var step = new AcceptStep { Turn = turn, Version = chat.Version, Head = head };
            if (await store.AcceptAsync(_key, step).ConfigureAwait(false) is not null)
            {
                throw Failure($"the request id of its turn {turn.Sequence} is another turn's too");
            }

            if (keeps)
            {
                await KeepAsync(turn, message).ConfigureAwait(false);
            }

            if ((TurnStop)message.Stop is not TurnStop.None and var stop)
            {
                await store.StopAsync(_key, new StopStep(turn.Sequence, turn.TurnId, stop)).ConfigureAwait(false);
            }
        }
        catch (ChatConflictException conflict)
        {
            throw Failure($"its turn {turn.Sequence} cannot be appended: {conflict.Message}");
        }
        catch (ArgumentException wrong)
        {
            throw Failure($"its turn {turn.Sequence} is none: {wrong.Message}");
        }
    }

    private async Task KeepAsync(TurnRecord turn, TransferTurn message)
    {
        for (var place = 0; place < message.Progress.Count; place++)
        {
            await store.KeepProgressAsync(_key, new ProgressStep(turn.Sequence, turn.TurnId, turn.Attempt, owner, place, message.Progress[place])).ConfigureAwait(false);
        }

        await store.ReleaseAsync(_key, new ReleaseStep(turn.Sequence, turn.TurnId, turn.Attempt, owner)).ConfigureAwait(false);
    }

    // It isn't sent again: no other deletion has to be known or forgotten for it.
    private DeleteStep NewDeletion() => new(Guid.CreateVersion7().ToString("N"), chat.UpdateTime.ToDateTimeOffset(), DateTimeOffset.MinValue);

    private TransferException Failure(string why) => new($"The chat {chat.ChatId} (line {line}): {why}.");
}
