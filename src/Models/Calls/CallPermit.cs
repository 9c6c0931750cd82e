namespace GenAI.Chats.Models.Calls;

/// <summary>The permit of a call that a <see cref="CallGate"/> has admitted. Disposing it releases it.</summary>
/// <param name="gate">The gate.</param>
/// <param name="isFirst">Whether it is the first attempt of the call.</param>
/// <param name="refusals">The number of rejections before the call was admitted.</param>
internal sealed class CallPermit(CallGate gate, bool isFirst, long refusals) : IDisposable
{
    private bool _released;

    /// <summary>Gets whether it is the first attempt of the call.</summary>
    public bool IsFirst => isFirst;

    /// <summary>Gets the number of rejections before the call was admitted.</summary>
    public long Refusals => refusals;

    /// <summary>Gets whether the target responds to the call.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Records that the target responds.</summary>
    public void Accept()
    {
        IsAnswered = true;
        gate.Accept();
    }

    /// <summary>Records that the target rejected the call because of its load, and releases the permit.</summary>
    /// <returns>Whether throttling started with this rejection.</returns>
    public bool Refuse(TimeSpan? delay) => !Interlocked.Exchange(ref _released, true) && gate.Refuse(this, delay);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _released, true))
        {
            gate.Leave(this);
        }
    }
}
