using GenAI.Chats.Models.Routing;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.Calls;

/// <summary>Ends a stream that stands still. A unary call may take what the turn has left.</summary>
internal sealed class StallWatch : IDisposable
{
    private readonly CallTimeoutOptions _timeouts;
    private readonly bool _isStream;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _stall;
    private readonly CancellationTokenSource _either;
    private bool _hasBegun;

    public StallWatch(CallTimeoutOptions timeouts, bool isStream, TimeProvider time, CancellationToken cancellationToken)
    {
        _timeouts = timeouts;
        _isStream = isStream;
        _caller = cancellationToken;
        _stall = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stall.Token);
    }

    /// <summary>Ends the call of the model.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Waits for the next response.</summary>
    /// <exception cref="ModelException">DEADLINE_EXCEEDED, reason MODEL_STALLED: it did not come in time.</exception>
    public async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<GenerateContentResponse> responses)
    {
        var limit = _hasBegun ? _timeouts.BetweenChunks : _timeouts.FirstChunk;
        try
        {
            var next = responses.MoveNextAsync();
            if (_isStream && !next.IsCompleted)
            {
                _stall.CancelAfter(limit);
            }

            return await next.ConfigureAwait(false);
        }
        catch (Exception exception) when (_stall.IsCancellationRequested && !_caller.IsCancellationRequested)
        {
            var place = _hasBegun ? "between two chunks" : "before its first chunk";
            throw new ModelException(
                Code.DeadlineExceeded, ModelErrorReasons.Stalled, $"The model's stream stood still for {limit} {place}.", null, exception);
        }
        finally
        {
            _hasBegun = true;
            _stall.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _stall.Dispose();
    }
}
