namespace GenAI.Chats.Models.Calls;

/// <summary>A call's place inside a <see cref="CallGate"/>, until it is disposed of.</summary>
/// <param name="gate">The gate.</param>
/// <param name="isFirst">Whether the call is made for the first time.</param>
/// <param name="refusals">How many refusals there had been when it was let through.</param>
internal sealed class CallPermit(CallGate gate, bool isFirst, long refusals) : IDisposable
{
    private bool _left;

    /// <summary>Whether the call is made for the first time.</summary>
    public bool IsFirst => isFirst;

    /// <summary>How many refusals there had been when it was let through.</summary>
    public long Refusals => refusals;

    /// <summary>Whether the call is being answered.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>The call is being answered.</summary>
    public void Accept()
    {
        IsAnswered = true;
        gate.Accept();
    }

    /// <summary>The call was refused, as there were too many; it leaves.</summary>
    /// <returns>Whether calls are held back from now on that were not before.</returns>
    public bool Refuse(TimeSpan? delay) => !Interlocked.Exchange(ref _left, true) && gate.Refuse(this, delay);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _left, true))
        {
            gate.Leave(this);
        }
    }
}
