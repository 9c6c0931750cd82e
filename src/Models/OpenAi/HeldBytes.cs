namespace GenAI.Chats.Models.OpenAi;

/// <summary>Limits how much of a response is buffered until it is complete, for all its choices together.</summary>
/// <param name="limit">The maximum.</param>
internal sealed class HeldBytes(int limit)
{
    // The size that counts for a call or choice, to limit their number.
    private const int ObjectBytes = 64 * 1024;

    private long _held;

    /// <summary>Counts buffered bytes.</summary>
    /// <exception cref="InvalidDataException">The limit is exceeded.</exception>
    public void Add(int bytes)
    {
        _held += bytes;
        if (_held > limit)
        {
            throw new InvalidDataException($"The response has calls of more than {limit} bytes.");
        }
    }

    /// <summary>Counts a call or choice.</summary>
    /// <exception cref="InvalidDataException">The limit is exceeded.</exception>
    public void AddObject() => Add(ObjectBytes);
}
