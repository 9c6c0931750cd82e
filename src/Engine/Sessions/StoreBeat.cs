using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>When the store last took this server's beat: whether the server has its store.</summary>
internal sealed class StoreBeat(IOptions<ChatsOptions> options, TimeProvider time)
{
    private long _last = time.GetTimestamp();

    /// <summary>How long ago that was; before the first one, since the process started.</summary>
    public TimeSpan Age => time.GetElapsedTime(Volatile.Read(ref _last));

    /// <summary>How old it may be: by then other servers take this one for gone.</summary>
    public TimeSpan Limit => options.Value.OwnerLifetime;

    /// <summary>The store has taken a beat.</summary>
    public void Taken() => Volatile.Write(ref _last, time.GetTimestamp());
}
