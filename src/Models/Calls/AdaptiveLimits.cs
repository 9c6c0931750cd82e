using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// Limits for all calls of a target, learned from its rejections. The number of concurrent calls: not more than ran when a call was rejected, but
/// never fewer than the target responded to concurrently during the last minute. And the delay: as long as the target asked for, or a doubling
/// delay if so many different calls in a row were rejected that the reason isn't one of them.
/// </summary>
internal sealed class AdaptiveLimits(RetryOptions options, TimeProvider time) : ICallLimits
{
    // After this time without a rejection, the target might allow more calls. Its concurrent responses count for as long.
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(1);

    // The limit is exceeded by one call ever more rarely if that call is rejected: at most once in this number of windows.
    private const int MaxCaution = 64;

    // A wider window isn't a limit.
    private const int MaxWindow = 1_000_000;

    private long _heldSince;
    private TimeSpan _hold;
    private long _calmSince;
    private int _window = int.MaxValue;
    private int _refusedAt = int.MaxValue;
    private int _accepted;
    private int _caution = 1;
    private int _refusals;
    private int _most;
    private long _mostSince;

    /// <inheritdoc/>
    public TimeSpan WaitFor(int running)
    {
        var left = _hold - time.GetElapsedTime(_heldSince);
        if (left > TimeSpan.Zero)
        {
            return left;
        }

        if (_window < int.MaxValue && time.GetElapsedTime(_calmSince) >= _hold + Calm)
        {
            _window = running == 0 || _window > MaxWindow ? int.MaxValue : _window * 2;
            _refusedAt = int.MaxValue;
            _calmSince = time.GetTimestamp();
        }

        return running < _window ? TimeSpan.Zero : Timeout.InfiniteTimeSpan;
    }

    /// <inheritdoc/>
    public void Accepted(int answered)
    {
        _refusals = 0;
        if (answered >= MostAnswered)
        {
            _most = answered;
            _mostSince = time.GetTimestamp();
        }

        // Below the last rejected number of calls, each response widens the window by one. Above, it takes many.
        if (_window < int.MaxValue && ++_accepted >= (_window + 1 < _refusedAt ? 1 : (long)_window * _caution))
        {
            _window++;
            _accepted = 0;
        }
    }

    /// <inheritdoc/>
    public bool Refused(TimeSpan? delay, int running, bool isNew, bool isFirst)
    {
        var most = MostAnswered;
        if (running >= most)
        {
            Narrow(running, isNew);
        }

        // If half as many calls are rejected in a row as get responses concurrently, the problem is the target, not a request.
        var counts = isNew && isFirst;
        _refusals += counts ? 1 : 0;
        var inRow = most == 0 ? _refusals : _refusals - Math.Max(1, most / 2);
        if (delay is null && (!counts || inRow <= 0))
        {
            return false;
        }

        var left = _hold - time.GetElapsedTime(_heldSince);
        var hold = delay ?? options.DelayAfter(inRow);
        if (hold > left)
        {
            _hold = hold;
            _heldSince = time.GetTimestamp();
        }

        return left <= TimeSpan.Zero;
    }

    // How many calls the target recently responded to concurrently.
    private int MostAnswered => _most > 0 && time.GetElapsedTime(_mostSince) < Calm ? _most : 0;

    private void Narrow(int running, bool isNew)
    {
        if (isNew)
        {
            _caution = _window < int.MaxValue ? Math.Min(_caution * 2, MaxCaution) : 1;
        }

        // If no other call ran, the rejection tells nothing about concurrency.
        _refusedAt = running > 0 ? Math.Min(_refusedAt, running + 1) : _refusedAt;
        _window = Math.Min(_window, Math.Max(1, running));
        _calmSince = time.GetTimestamp();
        _accepted = 0;
    }
}
