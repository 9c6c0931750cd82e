using GenAI.Chats.Client.Calls;
using GenAI.Chats.V1;

namespace GenAI.Chats.Client.Turns;

/// <summary>
/// A turn's chunks as a program sees them. Attempts that repeat what was handed out are not noticed; others are dealt with as the policy says.
/// </summary>
/// <param name="calls">Makes the calls.</param>
/// <param name="budget">The time for all of it.</param>
/// <param name="policy">For an answer that differs.</param>
internal sealed class TurnChunkStream(ChatsCalls calls, TimeBudget budget, TurnRestartPolicy policy)
{
    private readonly SendMessageRequest? _send;
    private readonly ReadTurnRequest? _read;
    private readonly Retries _retries = new(calls.Options);

    // Of the turn itself: that its events come is no progress.
    private readonly Retries _turnRetries = new(calls.Options);
    private readonly HandedOut _handedOut = new();

    // What the present attempt has said while it repeats.
    private readonly List<TurnEvent> _repeating = [];
    private TurnEventStream? _events;
    private int _attempt;
    private bool _anything;

    // Something was handed out elsewhere, of which nothing is known here: whatever starts over voids it.
    private bool _isContinued;
    private bool _isRestart;

    /// <summary>The chunks of a turn that a message starts; its request id makes all attempts one turn.</summary>
    public TurnChunkStream(ChatsCalls calls, TimeBudget budget, TurnRestartPolicy policy, SendMessageRequest send)
        : this(calls, budget, policy) => _send = send;

    /// <summary>The chunks after an offset of a turn that is there.</summary>
    public TurnChunkStream(ChatsCalls calls, TimeBudget budget, TurnRestartPolicy policy, ReadTurnRequest read)
        : this(calls, budget, policy) => (_read, _isContinued) = (read, read.AfterOffset > 0);

    /// <summary>The turn's id, once it is known.</summary>
    public string? TurnId => _events?.TurnId;

    /// <summary>Reads the chunks up to the turn's end.</summary>
    /// <exception cref="ChatException">The turn failed, or the service refuses, or is away for too long.</exception>
    public async IAsyncEnumerable<TurnChunk> ReadAsync()
    {
        for (var failures = 0; ; failures++)
        {
            _events = _send is null ? new(calls, budget, _retries, _read!) : new(calls, budget, _retries, _send);
            Turn? ended = null;
            await foreach (var next in _events.ReadAsync().ConfigureAwait(false))
            {
                foreach (var chunk in Take(next))
                {
                    yield return chunk;
                }

                ended = next.Ended;
            }

            if (ended is null or { State: Turn.Types.State.Completed })
            {
                yield break;
            }

            var failure = CallFailure.From(ended);
            if (_send is null || _anything || failures == calls.Options.MaxTurnRetries)
            {
                throw failure.ToException(_send?.RequestId, ended);
            }

            // It left nothing: sent again, the turn runs anew.
            await calls.PauseAsync(_turnRetries, failure, budget, _send.RequestId).ConfigureAwait(false);
        }
    }

    private List<TurnChunk> Take(TurnEvent next)
    {
        switch (next.EventCase)
        {
            case TurnEvent.EventOneofCase.Started:
                Start(next.Started);
                return [];
            case TurnEvent.EventOneofCase.Chunk:
                _anything = true;
                return policy == TurnRestartPolicy.Buffer ? Keep(next) : Pass(next);
            case TurnEvent.EventOneofCase.Ended when next.Ended.State == Turn.Types.State.Completed:
                return policy == TurnRestartPolicy.Buffer ? HandOut() : _handedOut.IsRepeated ? [] : StartOver(next.Offset);
            default:
                return [];
        }
    }

    private void Start(Turn started)
    {
        if (_attempt > 0 && started.Attempt > _attempt)
        {
            ClientLog.TurnStartedOver(calls.Logger, started.TurnId, started.Attempt);
        }

        _attempt = started.Attempt;
        _anything = false;
        _repeating.Clear();
        _handedOut.Rewind();
        if (_isContinued)
        {
            _isContinued = false;
            Restart();
        }
    }

    private List<TurnChunk> Keep(TurnEvent next)
    {
        _repeating.Add(next);
        return [];
    }

    private List<TurnChunk> Pass(TurnEvent next)
    {
        if (_handedOut.IsRepeated)
        {
            _repeating.Clear();
            return [HandOut(next.Chunk, next.Offset)];
        }

        _repeating.Add(next);
        var unseen = _handedOut.Unseen(next.Chunk, out var isRepetition);
        return !isRepetition ? StartOver(next.Offset) : unseen is null ? [] : [HandOut(unseen, next.Offset)];
    }

    private List<TurnChunk> StartOver(long offset)
    {
        Restart();
        if (_repeating.Count == 0)
        {
            // The new answer is none. The program must hear even so that what it has is void.
            return [HandOut(new GenerateContentResponse(), offset)];
        }

        return HandOut();
    }

    private void Restart()
    {
        if (policy == TurnRestartPolicy.Throw)
        {
            throw new TurnRestartedException(TurnId!, _send?.RequestId, _attempt);
        }

        _handedOut.Clear();
        _isRestart = true;
    }

    private List<TurnChunk> HandOut()
    {
        var chunks = _repeating.ConvertAll(e => HandOut(e.Chunk, e.Offset));
        _repeating.Clear();
        return chunks;
    }

    private TurnChunk HandOut(GenerateContentResponse chunk, long offset)
    {
        _handedOut.Add(chunk);
        var isRestart = _isRestart;
        _isRestart = false;
        return new TurnChunk(chunk, TurnId!, _attempt, offset, isRestart);
    }
}
