namespace GenAI.Chats.Engine.Watching;

/// <summary>What a watcher has of a chat. Clients keep it as a token, which any server can read at any later time.</summary>
internal sealed record WatchPosition
{
    // The format of tokens. Later versions must be able to read it.
    private const string Format = "1";

    // Room for the maximum number of pending turns.
    private const int MaxTokenLength = 128 * 1024;

    /// <summary>Gets the chat's incarnation.</summary>
    public required string Incarnation { get; init; }

    /// <summary>Gets the version of the settings.</summary>
    public required long Version { get; init; }

    /// <summary>Gets the chat's revision.</summary>
    public required long Revision { get; init; }

    /// <summary>Gets the number of the last turn in the chat's log that the watcher knows as accepted.</summary>
    public required long Sequence { get; init; }

    /// <summary>Gets the numbers of the accepted turns that the watcher doesn't know as ended, in ascending order.</summary>
    public IReadOnlyList<long> Pending { get; init; } = [];

    /// <summary>Gets the offset of the last event of the first pending turn. The other pending turns have no events yet.</summary>
    public long Offset { get; init; }

    /// <summary>Gets the position after a turn was accepted.</summary>
    public WatchPosition Accept(long sequence) => this with { Sequence = sequence, Pending = [.. Pending, sequence] };

    /// <summary>Gets the position after an event of a pending turn, which isn't the last one.</summary>
    public WatchPosition Advance(long sequence, long offset) => Pending[0] == sequence ? this with { Offset = offset } : this;

    /// <summary>Gets the position after the last event of a pending turn.</summary>
    public WatchPosition End(long sequence) => this with
    {
        Pending = [.. Pending.Where(pending => pending != sequence)],
        Offset = Pending[0] == sequence ? 0 : Offset,
    };

    /// <summary>Returns the token for a chat.</summary>
    public string ToToken(ChatKey key)
    {
        var distances = Pending.Select((sequence, i) => i == 0 ? sequence : sequence - Pending[i - 1]);
        return PageToken.Write(
            string.Create(CultureInfo.InvariantCulture, $"{Format}.{Version}.{Revision}.{Sequence}.{Offset}.{string.Join(',', distances)}.{Incarnation}"),
            List(key));
    }

    /// <summary>Parses a token of a chat.</summary>
    /// <exception cref="ChatException">The token isn't one, or it is another chat's.</exception>
    public static WatchPosition Parse(string token, ChatKey key) =>
        (token.Length <= MaxTokenLength && PageToken.TryRead(token, List(key)) is { } text ? Parse(text) : null) ?? throw ChatErrors.WatchToken();

    // Anyone who knows the format can create a token, so a token that passes the check can contain any text.
    private static WatchPosition? Parse(string text) =>
        text.Split('.', 7) is [Format, var version, var revision, var sequence, var offset, var pending, var incarnation]
        && long.TryParse(version, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsedVersion)
        && TryParse(revision, out var parsedRevision)
        && TryParse(sequence, out var parsedSequence)
        && TryParse(offset, out var parsedOffset)
        && ParsePending(pending, parsedSequence) is { } turns
        ? new WatchPosition
        {
            Incarnation = incarnation,
            Version = parsedVersion,
            Revision = parsedRevision,
            Sequence = parsedSequence,
            Pending = turns,
            Offset = turns.Count > 0 ? parsedOffset : 0,
        }
        : null;

    private static List<long>? ParsePending(string text, long last)
    {
        var pending = new List<long>();
        var before = 0L;
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryParse(part, out var distance) || distance == 0 || distance > last - before)
            {
                return null;
            }

            pending.Add(before += distance);
        }

        return pending;
    }

    private static bool TryParse(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static string List(ChatKey key) => $"watch:{key}";
}
