using System.Text.RegularExpressions;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.Requests;

/// <summary>
/// Tells a refusal of a file from a refusal of the server. APIs answer with the same statuses for a file that is gone as for a key that is no
/// good, and for a model that there isn't.
/// </summary>
internal static partial class MissingFiles
{
    // Shorter ones are in too many messages.
    private const int MinIdLength = 3;
    private const int MaxPaths = 5;

    /// <summary>Whether a failure can be that of a file.</summary>
    public static bool MayExplain(ModelException failure) =>
        failure.Reason is ModelErrorReasons.Credentials or ModelErrorReasons.NotFound or ModelErrorReasons.InvalidRequest;

    /// <summary>The failure of a call, as what it is.</summary>
    /// <param name="failure">As the API told it.</param>
    /// <param name="history">The history that was sent.</param>
    /// <param name="contents">The turn's own contents.</param>
    public static ModelException Explain(ModelException failure, IReadOnlyList<Content> history, IReadOnlyList<Content> contents)
    {
        var files = FilesOf(history, "history").Concat(FilesOf(contents, "contents")).ToList();
        if (files.Count == 0)
        {
            return failure;
        }

        var told = failure.Told ?? failure.Message;
        var named = files.Where(file => Names(told, file.Uri)).Select(file => file.Path).ToList();
        if (named.Count == 0 && failure.Reason != ModelErrorReasons.InvalidRequest && FileWord.IsMatch(told))
        {
            // It doesn't say which.
            named = [.. files.Select(file => file.Path)];
        }

        return named.Count == 0
            ? failure
            : new ModelException(
                Code.FailedPrecondition,
                ModelErrorReasons.ContentUnavailable,
                $"{string.Join(", ", named.Take(MaxPaths))}: the model can't get at the file. {failure.Message}",
                null,
                failure);
    }

    private static IEnumerable<(string Path, string Uri)> FilesOf(IReadOnlyList<Content> contents, string name)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            for (var j = 0; j < contents[i].Parts.Count; j++)
            {
                if (contents[i].Parts[j].FileData is { FileUri.Length: > 0 } file)
                {
                    yield return ($"{name}[{i}].parts[{j}].file_data", file.FileUri);
                }
            }
        }
    }

    // By its address, or by the last segment of it, which is the file's id.
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
