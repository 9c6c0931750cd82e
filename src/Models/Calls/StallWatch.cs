using GenAI.Chats.Models.Routing;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// Ends a stalled stream: one from which no data arrived within the limit, whether or not it would have made a response. A unary call can take
/// all the time that is left for the turn.
/// </summary>
internal sealed class StallWatch : IDisposable
{
    private readonly CallTimeoutOptions _timeouts;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource? _stop;
    private readonly CancellationTokenRegistration _following;
    private bool _hasBegun;
    private volatile bool _isWaiting;

    public StallWatch(CallTimeoutOptions timeouts, bool isStream, TimeProvider time, CancellationToken cancellationToken)
    {
        _timeouts = timeouts;
        _caller = cancellationToken;
        if (isStream)
        {
            _stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
            _following = _stop.Follow(cancellationToken);
        }
    }

    /// <summary>Gets the token that ends the model call.</summary>
    public CancellationToken Token => _stop?.Token ?? _caller;

    /// <summary>Records that data arrived.</summary>
    public void Touch()
    {
        if (_isWaiting)
        {
            _stop!.CancelAfter(Limit);
        }
    }

    /// <summary>Waits for the next response.</summary>
    /// <exception cref="ModelException">DEADLINE_EXCEEDED, reason MODEL_STALLED: it didn't arrive in time.</exception>
    public async ValueTask<bool> MoveNextAsync(AbandonableSequence<GenerateContentResponse> responses)
    {
        var limit = Limit;
        try
        {
            var next = responses.MoveNextAsync();
            if (_stop is not null && !next.IsCompleted)
            {
                _isWaiting = true;
                _stop.CancelAfter(limit);
            }

            return await next.ConfigureAwait(false);
        }
        catch (Exception exception) when (_stop is { IsCancellationRequested: true } && !_caller.IsCancellationRequested)
        {
            throw new ModelException(
                Code.DeadlineExceeded,
                ModelErrorReasons.Stalled,
                $"The model stream stalled: no chunk received for {limit.TotalSeconds} s.",
                null,
                exception);
        }
        finally
        {
            _hasBegun = true;
            if (_isWaiting)
            {
                _isWaiting = false;
                _stop!.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
    }

    private TimeSpan Limit => _hasBegun ? _timeouts.BetweenChunks : _timeouts.FirstChunk;

    /// <inheritdoc/>
    public void Dispose()
    {
        _following.Dispose();
        _stop?.Dispose();
    }
}
