using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// Ends a stalled stream: one from which no data arrived within the limit, whether or not it would have made a response. A unary call can take
/// all the time that is left for the turn.
/// </summary>
internal sealed class StallWatch(CallTimeoutOptions timeouts, bool isStream, TimeProvider time, CancellationToken cancellationToken) : IDisposable
{
    private readonly CallDeadline? _stop = isStream ? new CallDeadline(Timeout.InfiniteTimeSpan, null, time, cancellationToken) : null;
    private bool _hasBegun;
    private volatile bool _isWaiting;

    /// <summary>Gets the token that ends the model call.</summary>
    public CancellationToken Token => _stop?.Token ?? cancellationToken;

    private TimeSpan Limit => _hasBegun ? timeouts.BetweenChunks : timeouts.FirstChunk;

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
        catch (Exception exception) when (_stop is { IsTimeUp: true })
        {
            throw new ModelException(
                ModelErrorReasons.Stalled, $"The model stream stalled: no chunk received for {limit.TotalSeconds} s.", exception);
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

    /// <inheritdoc/>
    public void Dispose() => _stop?.Dispose();
}
