using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// What a target's refusals tell about its limits, for all calls to it. Two things are learned from them. How many calls run at once: no more
/// than ran when one was refused, but never fewer than the target answered at once in the last minute. And whether to wait: as long as the
/// target said; or for a doubling delay, once so many different calls were refused in a row that it isn't about one of them.
/// </summary>
internal sealed class SharedBackOff(RetryOptions options, TimeProvider time) : ICallAdmission
{
    // Without a refusal for so long, the target may have more room than was known. What it answered is forgotten as late.
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(1);

    // A call too many is tried ever more seldom where that was refused, up to once in so many windows.
    private const int MaxCaution = 64;

    // A window as wide as this is none.
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
    public void Entered()
    {
        // Counted by the gate.
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

        // Up to where a call was refused each answer makes room for one more; beyond, that takes many.
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

        // Once half as many were refused in a row as are answered at once, the target is what is amiss.
        var counts = isNew && isFirst;
        _refusals += counts ? 1 : 0;
        var inRow = most == 0 ? _refusals : _refusals - Math.Max(1, most / 2);
        if (delay is null && (!counts || inRow <= 0))
        {
            return false;
        }

        var left = _hold - time.GetElapsedTime(_heldSince);
        var hold = delay ?? CallDelays.After(inRow, options);
        if (hold > left)
        {
            _hold = hold;
            _heldSince = time.GetTimestamp();
        }

        return left <= TimeSpan.Zero;
    }

    // How many calls the target answered at once, lately.
    private int MostAnswered => _most > 0 && time.GetElapsedTime(_mostSince) < Calm ? _most : 0;

    private void Narrow(int running, bool isNew)
    {
        if (isNew && _window < int.MaxValue)
        {
            _caution = Math.Min(_caution * 2, MaxCaution);
        }
        else if (isNew)
        {
            _caution = 1;
        }

        // Refused though no other ran: that tells nothing of how many may.
        _refusedAt = running > 0 ? Math.Min(_refusedAt, running + 1) : _refusedAt;
        _window = Math.Min(_window, Math.Max(1, running));
        _calmSince = time.GetTimestamp();
        _accepted = 0;
    }
}
