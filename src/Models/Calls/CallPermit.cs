namespace GenAI.Chats.Models.Calls;

/// <summary>A call's place inside a <see cref="CallGate"/>, until it is disposed of.</summary>
internal sealed class CallPermit(CallGate gate) : IDisposable
{
    private bool _left;

    /// <summary>The call is being answered.</summary>
    public void Accept() => gate.Accept();

    /// <summary>The call was refused, as there were too many; it leaves.</summary>
    /// <returns>Whether calls are held back from now on that were not before.</returns>
    public bool Refuse(TimeSpan? delay) => !Interlocked.Exchange(ref _left, true) && gate.Refuse(delay);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _left, true))
        {
            gate.Leave();
        }
    }
}
