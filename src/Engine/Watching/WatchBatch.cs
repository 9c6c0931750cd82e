using Detail = GenAI.Chats.V1.WatchChatRequest.Types.Detail;

namespace GenAI.Chats.Engine.Watching;

/// <summary>Events of a chat for one reply, and the position after them.</summary>
/// <param name="key">The chat.</param>
/// <param name="start">The position before the events.</param>
/// <param name="detail">Which events are wanted.</param>
internal sealed class WatchBatch(ChatKey key, WatchPosition start, Detail detail)
{
    /// <summary>When a batch has this number of events, it gets no more.</summary>
    public const int MaxEvents = 256;

    /// <summary>When a batch has events of this size, in bytes, it gets no more.</summary>
    public const int MaxBytes = 256 * 1024;

    private readonly WatchPosition _start = start;
    private readonly List<byte[]> _events = [];
    private long _bytes;
    private bool _isOver;

    /// <summary>Gets the position after the events.</summary>
    public WatchPosition Position { get; private set; } = start;

    /// <summary>Gets whether the batch gets no more events.</summary>
    public bool IsFull => _events.Count >= MaxEvents || _bytes >= MaxBytes;

    /// <summary>Gets whether the position has changed, with or without events.</summary>
    public bool HasMoved => _events.Count > 0 || !ReferenceEquals(Position, _start);

    /// <summary>Gets whether chunks are wanted.</summary>
    public bool HasChunks => detail is not (Detail.Turns or Detail.Chat);

    /// <summary>Gets whether events of turns are wanted.</summary>
    public bool HasTurns => detail is not Detail.Chat;

    /// <summary>Moves the position without an event.</summary>
    public void MoveTo(WatchPosition position) => Position = position;

    /// <summary>Adds the chat as it is.</summary>
    public void Add(Chat chat, long version)
    {
        Position = Position with { Version = version, Revision = chat.Revision };
        Add(new ChatEvent { Chat = chat });
    }

    /// <summary>Adds a turn that was accepted.</summary>
    public void Add(Turn accepted, long sequence)
    {
        Position = Position.Accept(sequence);
        Add(new ChatEvent { Accepted = accepted });
    }

    /// <summary>Adds an event of a pending turn, if it is wanted.</summary>
    /// <param name="sequence">The number of the turn.</param>
    /// <param name="turnId">The ID of the turn.</param>
    /// <param name="next">The encoded event.</param>
    public void Add(long sequence, string turnId, byte[] next)
    {
        var kind = EventBytes.Case(next);
        if (kind is TurnEvent.EventOneofCase.Chunk && !HasChunks)
        {
            return;
        }

        Position = kind is TurnEvent.EventOneofCase.Ended ? Position.End(sequence) : Position.Advance(sequence, EventBytes.Offset(next));
        Add(ChatEventBytes.Of(Position.ToToken(key), turnId, next));
    }

    /// <summary>Adds the last event: the chat is deleted.</summary>
    public void Delete()
    {
        _isOver = true;
        Add(new ChatEvent { Deleted = new Empty() });
    }

    /// <summary>Returns the events.</summary>
    public WatchEvents ToEvents() => new([.. _events], Position.ToToken(key), !IsFull, _isOver);

    private void Add(ChatEvent next)
    {
        next.Token = Position.ToToken(key);
        Add(ChatEventBytes.Of(next));
    }

    private void Add(byte[] bytes)
    {
        _events.Add(bytes);
        _bytes += bytes.Length;
    }
}
