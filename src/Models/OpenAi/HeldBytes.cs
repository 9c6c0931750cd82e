namespace GenAI.Chats.Models.OpenAi;

/// <summary>How much of an answer may be held back until it is whole, in all of its choices together.</summary>
/// <param name="limit">The most.</param>
internal sealed class HeldBytes(int limit)
{
    // What a call or a choice counts for, so that there are not any number of them.
    private const int ObjectBytes = 64 * 1024;

    private long _held;

    /// <summary>Something more is held back.</summary>
    /// <exception cref="InvalidDataException">It is more than may be.</exception>
    public void Add(int bytes)
    {
        _held += bytes;
        if (_held > limit)
        {
            throw new InvalidDataException($"The answer has calls of more than {limit} bytes.");
        }
    }

    /// <summary>A call or a choice begins.</summary>
    /// <exception cref="InvalidDataException">It is more than may be.</exception>
    public void AddObject() => Add(ObjectBytes);
}
