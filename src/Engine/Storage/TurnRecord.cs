using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.Engine.Storage;

/// <summary>
/// One turn in a chat's log. Turns are numbered by <see cref="Sequence"/> in the order in which they were accepted, which is the
/// order in which they run and stand in the history.
/// </summary>
internal sealed record TurnRecord
{
    private readonly TurnInput? _input;
    private readonly long _inputBytes;

    /// <summary>The place in the chat's log, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>Unique in the chat. Empty for a piece of the initial history, which is no turn.</summary>
    public required string TurnId { get; init; }

    /// <summary>The client's id for the send, or one that the server made.</summary>
    public required string RequestId { get; init; }

    /// <summary>What the send asked for, hashed.</summary>
    public ReadOnlyMemory<byte> RequestHash { get; init; }

    public TurnState State { get; init; }

    /// <summary>How often the turn was started. 0: never.</summary>
    public int Attempt { get; init; }

    /// <summary>How many of the attempts count against the limit: those whose owner neither ended nor released them.</summary>
    public int UsedAttempts { get; init; }

    /// <summary>The process that runs the turn; null while nobody does.</summary>
    public string? Owner { get; init; }

    /// <summary>Whether a pending turn must stop: the server that runs it, or would run it next, ends it. Has no meaning once the turn has ended.</summary>
    public TurnStop Stop { get; init; }

    /// <summary>The chat's revision with this turn in its history; 0 while, or because, it is not in it.</summary>
    public long Revision { get; init; }

    /// <summary>Whether later sends carry the turn.</summary>
    public bool Curated { get; init; }

    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>When the last attempt was started; null when none was, or when it was released.</summary>
    public DateTimeOffset? StartTime { get; init; }

    public DateTimeOffset? EndTime { get; init; }

    /// <summary>What the turn was accepted with. Not every read of a turn has it: it may be large, and is of use to who runs or shows the turn alone.</summary>
    /// <exception cref="InvalidOperationException">It was not read.</exception>
    public TurnInput Input
    {
        get => _input ?? throw new InvalidOperationException("The turn's input was not read.");
        init => _input = value;
    }

    /// <summary>Whether <see cref="Input"/> was read.</summary>
    public bool HasInput => _input is not null;

    /// <summary>How many bytes the input has, as protobuf has them.</summary>
    public long InputBytes
    {
        get => _inputBytes > 0 ? _inputBytes : _input?.CalculateSize() ?? 0;
        init => _inputBytes = value;
    }

    /// <summary>Null until the turn has ended.</summary>
    public TurnOutcome? Outcome { get; init; }

    /// <summary>Whether the turn has not ended.</summary>
    public bool IsPending => State is TurnState.Queued or TurnState.Running;

    /// <summary>The turn with its input left out.</summary>
    public TurnRecord WithoutInput() => this with { Input = null!, InputBytes = InputBytes };

    /// <summary>The turn, with the input of a record of it that has one.</summary>
    public TurnRecord WithInputOf(TurnRecord other) => HasInput || !other.HasInput ? this : this with { Input = other.Input };

    /// <inheritdoc/>
    public override string ToString() => $"Turn {Sequence} ({State})";
}
