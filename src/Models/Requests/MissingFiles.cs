using System.Text.RegularExpressions;

namespace GenAI.Chats.Models.Requests;

/// <summary>
/// Finds out whether a failure is about a file. APIs return the same status codes for a missing file, an invalid key, and an unknown model.
/// </summary>
internal static partial class MissingFiles
{
    // Shorter IDs occur in unrelated messages.
    private const int MinIdLength = 3;
    private const int MaxPaths = 5;

    /// <summary>Returns whether a failure might be about a file.</summary>
    public static bool MayExplain(ModelException failure) =>
        failure.Reason is ModelErrorReasons.Credentials or ModelErrorReasons.NotFound or ModelErrorReasons.InvalidRequest;

    /// <summary>Returns the actual failure of a call.</summary>
    /// <param name="failure">The failure according to the API.</param>
    /// <param name="history">The history that was sent to the model.</param>
    /// <param name="contents">The turn's own contents.</param>
    public static ModelException Explain(ModelException failure, IReadOnlyList<Content> history, IReadOnlyList<Content> contents)
    {
        var files = FilesOf(history, "history").Concat(FilesOf(contents, "contents")).ToList();
        if (files.Count == 0)
        {
            return failure;
        }

        var told = failure.ApiMessage ?? failure.Message;
        var named = files.Where(file => Names(told, file.Uri)).Select(file => file.Path).ToList();
        if (named.Count == 0 && failure.Reason != ModelErrorReasons.InvalidRequest && FileWord.IsMatch(told))
        {
            // It doesn't say which file.
            named = [.. files.Select(file => file.Path)];
        }

        return named.Count == 0
            ? failure
            : new ModelException(
                ModelErrorReasons.ContentUnavailable,
                $"{string.Join(", ", named.Take(MaxPaths))}: the model can't read the file. {failure.Message}",
                failure);
    }

    private static IEnumerable<(string Path, string Uri)> FilesOf(IReadOnlyList<Content> contents, string name) =>
        from content in contents.Index()
        from part in content.Item.Parts.Index()
        where part.Item.FileData is { FileUri.Length: > 0 }
        select ($"{name}[{content.Index}].parts[{part.Index}].file_data", part.Item.FileData.FileUri);

    // By its URL, or by the last segment of it, which is the file ID.
    private static bool Names(string message, string uri)
    {
        if (message.Contains(uri, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var path = uri.Split('?', '#')[0].TrimEnd('/');
        var id = path[(path.LastIndexOf('/') + 1)..];
        return id.Length >= MinIdLength
            && Regex.IsMatch(message, $@"(?<![\w-]){Regex.Escape(id)}(?![\w-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }

    [GeneratedRegex(@"\bfiles?\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FileWord { get; }
}
