using GenAI.Chats.Engine.Limits;

namespace GenAI.Chats.Engine.Tests.Support;

/// <summary>Counts how often idle chats were to be removed from memory, which fails.</summary>
internal sealed class TestIdleChats : IIdleChats
{
    private int _sheds;

    public int Sheds => Volatile.Read(ref _sheds);

    public TimeSpan IdleFor { get; private set; }

    public Task ShedAsync(TimeSpan idleFor)
    {
        IdleFor = idleFor;
        Interlocked.Increment(ref _sheds);
        return Task.FromException(new InvalidOperationException("scripted"));
    }
}
