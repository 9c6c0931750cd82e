namespace GenAI.Chats.Api.Commands;

/// <summary>A table of text with aligned columns.</summary>
/// <param name="headings">The headings of the columns.</param>
internal sealed class TextTable(params string[] headings)
{
    private const char Replacement = '\uFFFD';

    private readonly List<string[]> _rows = [headings];

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Printable)]);

    /// <summary>Writes the headings and the rows.</summary>
    /// <param name="output">Gets the lines.</param>
    /// <param name="continues">Whether the rows continue a table, so that the headings are left out.</param>
    public async Task WriteAsync(TextWriter output, bool continues = false)
    {
        var widths = headings.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows.Skip(continues ? 1 : 0))
        {
            await output.WriteLineAsync(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    /// <summary>Returns a text without control characters, which could control the terminal or break lines.</summary>
    public static string Printable(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? Replacement : c));
}
