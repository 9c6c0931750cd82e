namespace GenAI.Chats.Api.Commands;

/// <summary>A reader with a line that was read already.</summary>
/// <param name="first">The line.</param>
/// <param name="rest">The reader with the lines after it.</param>
internal sealed class LinesReader(string first, TextReader rest) : TextReader
{
    private string? _first = first;

    /// <inheritdoc/>
    public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        if (_first is not { } line)
        {
            return rest.ReadLineAsync(cancellationToken);
        }

        _first = null;
        return ValueTask.FromResult<string?>(line);
    }
}
