namespace GenAI.Chats.Console;

/// <summary>Writes the parts of a response as they arrive.</summary>
internal sealed class PartWriter
{
    private bool _isThinking;

    /// <summary>Writes parts. Thoughts are dim, and end with a new line.</summary>
    public void Write(IEnumerable<Part> parts)
    {
        foreach (var part in parts)
        {
            if (_isThinking && !part.Thought)
            {
                AnsiConsole.WriteLine();
            }

            _isThinking = part.Thought;
            Printable.Write(PartText.Of(part), _isThinking);
        }
    }
}
