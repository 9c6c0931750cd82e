using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// What a target's refusals tell about its limits, for all calls to it. A refusal holds every call back for as long as the target said, or for
/// a doubling delay. Afterwards no more calls run at once than the target had accepted, and one more each time that as many have been accepted.
/// </summary>
internal sealed class SharedBackOff(RetryOptions options, TimeProvider time) : ICallAdmission
{
    // A target that has refused nothing for so long has no limit that is known.
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private TimeSpan _hold;
    private long _heldSince;
    private int _window = int.MaxValue;
    private int _accepted;
    private int _refusals;

    /// <inheritdoc/>
    public TimeSpan WaitFor(int running)
    {
        var sinceRefusal = time.GetElapsedTime(_heldSince);
        if (sinceRefusal < _hold)
        {
            return _hold - sinceRefusal;
        }

        if (sinceRefusal >= _hold + Memory)
        {
            _window = int.MaxValue;
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
        if (_window < int.MaxValue && ++_accepted >= _window)
        {
            _window++;
            _accepted = 0;
        }
    }

    /// <inheritdoc/>
    public bool Refused(TimeSpan? delay, int running)
    {
        var left = _hold - time.GetElapsedTime(_heldSince);
        // Calls that were under way together are refused together: that is one refusal.
        var isNew = left <= TimeSpan.Zero;
        if (isNew)
        {
            _refusals++;
        }

        var hold = delay ?? CallDelays.After(_refusals, options);
        if (hold > left)
        {
            _hold = hold;
            _heldSince = time.GetTimestamp();
        }

        _window = Math.Min(_window, Math.Max(1, running));
        _accepted = 0;
        return isNew;
    }
}
