using System.Text.Json;

namespace GenAI.Chats.TestKit.ScriptedGemini;

/// <summary>A request as the server got it.</summary>
public sealed class RecordedRequest
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal RecordedRequest(string path, IReadOnlyDictionary<string, string> headers, JsonElement body)
    {
        Path = path;
        Headers = headers;
        Body = body;
    }

    /// <summary>The path with its query, such as <c>/v1/models/gemini-2.5-flash:generateContent</c>.</summary>
    public string Path { get; }

    /// <summary>The headers; several values of one are joined by a comma. Names have no case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The body.</summary>
    public JsonElement Body { get; }

    /// <summary>The first text of the last content: what the user said, in most tests. Empty where there is none.</summary>
    public string LastText => TextOf(Last("contents"), "parts") ?? TextOf(Last("messages"), "content") ?? "";

    /// <summary>How many contents were sent.</summary>
    public int ContentCount => Body.TryGetProperty("contents", out var contents) ? contents.GetArrayLength() : 0;

    /// <summary>Completes when the client has closed the connection before the reply's end.</summary>
    public Task ClosedByClient => _closed.Task;

    /// <summary>Completes when the server is done with the request, in whichever way.</summary>
    public Task Ended => _ended.Task;

    private JsonElement? Last(string list) =>
        Body.TryGetProperty(list, out var items) && items.GetArrayLength() > 0 ? items[items.GetArrayLength() - 1] : null;

    // Parts, of which the first is a text; or the text itself.
    private static string? TextOf(JsonElement? item, string member) =>
        item is null || !item.Value.TryGetProperty(member, out var content) ? null
        : content.ValueKind == JsonValueKind.String ? content.GetString()
        : content.ValueKind == JsonValueKind.Array && content.GetArrayLength() > 0 && content[0].TryGetProperty("text", out var text) ? text.GetString()
        : null;

    internal void SetClosed() => _closed.TrySetResult();

    internal void SetEnded() => _ended.TrySetResult();
}
