namespace GenAI.Chats.Client;

/// <summary>
/// The chunks of a turn. It follows the turn's highest attempt: if the server restarts a turn after chunks were delivered, those are void, and the policy
/// decides what the caller gets.
/// </summary>
/// <param name="calls">Makes the calls.</param>
/// <param name="budget">The time limit of the whole operation.</param>
/// <param name="policy">What to do if the turn is restarted.</param>
/// <param name="read">The turn, and the offset after which to read. For a message, only the chat's name.</param>
/// <param name="send">The message that starts the turn. If it's sent again, its request ID keeps it the same turn. If null, the turn exists.</param>
internal sealed class TurnChunkStream(ChatsCalls calls, TimeBudget budget, TurnRestartPolicy policy, ReadTurnRequest read, SendMessageRequest? send = null)
{
    private readonly Retries _retries = new(calls.Options);

    // Of turns that fail. The events of a turn that fails again aren't progress.
    private readonly Retries _turnRetries = new(calls.Options);

    // The chunks of the current attempt, until the turn has completed.
    private readonly List<TurnEvent> _buffered = [];
    private ReadTurnRequest _reading = new();
    private int _attempt;
    private bool _hasChunks;

    // Whether the caller has chunks of the current attempt, and whether it has chunks that are void and doesn't know it yet.
    private bool _isDelivered = read.AfterOffset > 0;
    private bool _isRestart;

    /// <summary>The turn's ID. Null until it's known; the turn is durable then.</summary>
    public string? TurnId => _reading.TurnId.Length > 0 ? _reading.TurnId : null;

    /// <summary>Reads the chunks until the turn ends.</summary>
    /// <exception cref="ChatException">The turn failed, the service rejected the request, or it was unavailable for too long.</exception>
    public async IAsyncEnumerable<TurnChunk> ReadAsync()
    {
        for (var failures = 0; ; failures++)
        {
            _reading = read.Clone();
            Turn? ended = null;
            await foreach (var next in new TurnEventStream(calls, budget, _retries, _reading, send).ReadAsync().ConfigureAwait(false))
            {
                ended = next.Ended;
                foreach (var chunk in Take(next))
                {
                    yield return chunk;
                }
            }

            if (ended is null or { State: Turn.Types.State.Completed })
            {
                yield break;
            }

            var failure = CallFailure.From(ended);
            if (send is null || _hasChunks || failures == calls.Options.MaxTurnRetries)
            {
                throw failure.ToException(send?.RequestId, ended);
            }

            // The turn left nothing in the chat. If the message is sent again, it starts a new turn.
            await calls.PauseAsync(_turnRetries, failure, budget, send.RequestId).ConfigureAwait(false);
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
                _hasChunks = true;
                if (policy != TurnRestartPolicy.Buffer)
                {
                    return [ToChunk(next.Chunk, next.Offset)];
                }

                _buffered.Add(next);
                return [];
            case TurnEvent.EventOneofCase.Ended when next.Ended.State == Turn.Types.State.Completed:
                var chunks = _buffered.ConvertAll(kept => ToChunk(kept.Chunk, kept.Offset));

                // If the response is empty, an empty chunk tells the caller that the chunks so far are void.
                return _isRestart ? [ToChunk(new GenerateContentResponse(), next.Offset)] : chunks;
            default:
                return [];
        }
    }

    private void Start(Turn started)
    {
        if (_attempt > 0 && started.Attempt > _attempt)
        {
            ClientLog.TurnRestarted(calls.Logger, started.TurnId, started.Attempt);
        }

        _attempt = started.Attempt;
        _hasChunks = false;
        _buffered.Clear();
        if (!_isDelivered)
        {
            return;
        }

        if (policy == TurnRestartPolicy.Throw)
        {
            throw new TurnRestartedException(started.TurnId, send?.RequestId, _attempt);
        }

        (_isDelivered, _isRestart) = (false, true);
    }

    private TurnChunk ToChunk(GenerateContentResponse chunk, long offset)
    {
        var isRestart = _isRestart;
        (_isDelivered, _isRestart) = (true, false);
        return new TurnChunk(chunk, TurnId!, _attempt, offset, isRestart);
    }
}
