namespace GenAI.Chats.Grains.Engine;

/// <summary>Lets one writer pass at a time, first come, first served.</summary>
internal sealed class AsyncLock : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Waits for the turn to write. Dispose what it returns to let the next one in.</summary>
    public async ValueTask<Holder> EnterAsync()
    {
        await _gate.WaitAsync();
        return new Holder(_gate);
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    /// <summary>The right to write.</summary>
    internal readonly struct Holder(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
