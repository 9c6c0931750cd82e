using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// What a target's refusals tell about its limits, for all calls to it. A refusal holds every call back for as long as the target said, or
/// for a doubling delay. Afterwards no more calls run at once than the target had accepted: the window. It opens again step by step.
/// </summary>
internal sealed class SharedBackOff(RetryOptions options, TimeProvider time) : ICallAdmission
{
    // Without a refusal for so long, the target may have more room than was known.
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(1);

    // A call too many is tried ever more seldom where that was refused, up to once in so many windows.
    private const int MaxCaution = 64;

    // A window as wide as this is none.
    private const int MaxWindow = 1_000_000;

    private long _heldSince;
    private TimeSpan _hold;
    private long _calmSince;
    private int _window = int.MaxValue;
    private int _accepted;
    private int _caution = 1;
    private int _refusals;

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
    public void Accepted()
    {
        _refusals = 0;
        if (_window < int.MaxValue && ++_accepted / _caution >= _window)
        {
            _window++;
            _accepted = 0;
        }
    }

    /// <inheritdoc/>
    public bool Refused(TimeSpan? delay, int running)
    {
        // Calls that were under way together are refused together: that is one refusal.
        var left = _hold - time.GetElapsedTime(_heldSince);
        var isNew = left <= TimeSpan.Zero;
        if (isNew)
        {
            _refusals++;
            _caution = _window == int.MaxValue ? 1 : Math.Min(_caution * 2, MaxCaution);
        }

        var hold = delay ?? CallDelays.After(_refusals, options);
        if (hold > left)
        {
            _hold = hold;
            _heldSince = time.GetTimestamp();
        }

        _calmSince = time.GetTimestamp();
        _window = Math.Min(_window, Math.Max(1, running));
        _accepted = 0;
        return isNew;
    }
}
