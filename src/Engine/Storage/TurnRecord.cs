namespace GenAI.Chats.Engine.Storage;

/// <summary>
/// A turn in a chat's log. <see cref="Sequence"/> numbers the turns in the order in which they were accepted, in which they run, and in which
/// they are in the history.
/// </summary>
public sealed record TurnRecord
{
    private readonly TurnInput? _input;
    private readonly long _inputBytes;

    /// <summary>The number of the turn in the chat's log, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>The ID, unique in the chat. Empty for a piece of the initial history, which isn't a turn.</summary>
    public required string TurnId { get; init; }

    /// <summary>The request ID, from the client or the server. Empty if another turn replaced this one, or if a fork has the turn from its source.</summary>
    public required string RequestId { get; init; }

    /// <summary>A hash of the request.</summary>
    public ReadOnlyMemory<byte> RequestHash { get; init; }

    /// <summary>The state.</summary>
    public TurnState State { get; init; }

    /// <summary>The number of times that the turn was started.</summary>
    public int Attempt { get; init; }

    /// <summary>The number of attempts that count against the limit: those whose owner neither ended nor released the turn.</summary>
    public int UsedAttempts { get; init; }

    /// <summary>The process that runs the turn; null while it doesn't run.</summary>
    public string? Owner { get; init; }

    /// <summary>Whether a pending turn must stop: the server that runs it, or would start it next, ends it. Meaningless if the turn has ended.</summary>
    public TurnStop Stop { get; init; }

    /// <summary>The chat's revision after this turn was recorded, which identifies the turn in the chat; 0 if it wasn't recorded.</summary>
    public long Revision { get; init; }

    /// <summary>
    /// Whether the turn is curated. A turn whose outcome is open is curated on the paths on which a later turn closes its exchange; this is true if
    /// there is such a path.
    /// </summary>
    public bool Curated { get; init; }

    /// <summary>The create time.</summary>
    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>The start time of the last attempt; null if the turn wasn't started, or was released since.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>The end time; null until the turn has ended.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>The input, which some reads leave out because it can be large.</summary>
    /// <exception cref="InvalidOperationException">The input wasn't read.</exception>
    public TurnInput Input
    {
        get => _input ?? throw new InvalidOperationException("The turn's input wasn't read.");
        init => _input = value;
    }

    /// <summary>Whether <see cref="Input"/> was read.</summary>
    public bool HasInput => _input is not null;

    /// <summary>The size of the input as a protobuf message, in bytes.</summary>
    public long InputBytes
    {
        get => _inputBytes > 0 ? _inputBytes : _input?.CalculateSize() ?? 0;
        init => _inputBytes = value;
    }

    /// <summary>The outcome; null until the turn has ended.</summary>
    public TurnOutcome? Outcome { get; init; }

    /// <summary>Whether the turn is queued or running.</summary>
    public bool IsPending => State is TurnState.Queued or TurnState.Running;

    /// <summary>Returns the turn without its input.</summary>
    public TurnRecord WithoutInput() => this with { Input = null!, InputBytes = InputBytes };

    /// <summary>Returns the turn with the input of another record of it, if only that one has the input.</summary>
    public TurnRecord WithInputOf(TurnRecord other) => HasInput || !other.HasInput ? this : this with { Input = other.Input };

    /// <inheritdoc/>
    public override string ToString() => $"Turn {Sequence} ({State})";
}
