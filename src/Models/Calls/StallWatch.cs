using GenAI.Chats.Models.Routing;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// Ends a stream that stands still: nothing came over the wire for the limit, whether or not it would have made a response. A unary call may
/// take what the turn has left.
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

    /// <summary>Ends the call of the model.</summary>
    public CancellationToken Token => _stop?.Token ?? _caller;

    /// <summary>The model has sent something.</summary>
    public void Touch()
    {
        if (_isWaiting)
        {
            _stop!.CancelAfter(Limit);
        }
    }

    /// <summary>Waits for the next response.</summary>
    /// <exception cref="ModelException">DEADLINE_EXCEEDED, reason MODEL_STALLED: it did not come in time.</exception>
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
            var place = _hasBegun ? "between two chunks" : "before its first chunk";
            throw new ModelException(
                Code.DeadlineExceeded, ModelErrorReasons.Stalled, $"The model's stream stood still for {limit} {place}.", null, exception);
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
