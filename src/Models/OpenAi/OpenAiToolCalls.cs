using System.Text;
using System.Text.Json;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>
/// The tool calls of one choice. In a stream they come in pieces, several at once, told apart by their index; a part has a whole call, so
/// they are given when the choice ends.
/// </summary>
internal sealed class OpenAiToolCalls
{
    private readonly SortedDictionary<int, Piece> _calls = [];
    private int _last = -1;

    /// <summary>Whether there are calls that have not been given.</summary>
    public bool IsEmpty => _calls.Count == 0;

    /// <summary>Adds the calls of a message, or the pieces of a delta.</summary>
    public void Add(JsonElement message)
    {
        if (!message.TryGetProperty("tool_calls", out var calls) || calls.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        foreach (var call in calls.EnumerateArray())
        {
            var piece = Find(call);
            piece.Id = OpenAiJson.Text(call, "id") is { Length: > 0 } id ? id : piece.Id;
            if (call.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object)
            {
                piece.Name += OpenAiJson.Text(function, "name");
                AddArguments(piece, function);
            }
        }
    }

    /// <summary>Gives the calls as parts, and forgets them.</summary>
    /// <param name="malformed">The function whose arguments are no JSON object; null where all are. Its call is left out.</param>
    public List<Part> Take(out string? malformed)
    {
        malformed = null;
        var parts = new List<Part>(_calls.Count);
        foreach (var piece in _calls.Values)
        {
            if (Read(piece.Arguments.ToString()) is not { } arguments)
            {
                malformed ??= piece.Name;
                continue;
            }

            var call = new FunctionCall { Name = piece.Name, Args = arguments };
            if (piece.Id.Length > 0)
            {
                call.Id = piece.Id;
            }

            parts.Add(new Part { FunctionCall = call });
        }

        _calls.Clear();
        return parts;
    }

    // Some leave the index out: then an id starts a call, and what has none belongs to the last one.
    private Piece Find(JsonElement call)
    {
        var index = OpenAiJson.Number(call, "index") is { } given ? (int)given
            : OpenAiJson.Text(call, "id") is { Length: > 0 } || _last < 0 ? _last + 1
            : _last;
        _last = index;
        if (!_calls.TryGetValue(index, out var piece))
        {
            _calls.Add(index, piece = new Piece());
        }

        return piece;
    }

    // A string by the API's book; some give the object itself.
    private static void AddArguments(Piece piece, JsonElement function)
    {
        if (function.TryGetProperty("arguments", out var arguments))
        {
            piece.Arguments.Append(arguments.ValueKind switch
            {
                JsonValueKind.String => arguments.GetString(),
                JsonValueKind.Object => arguments.GetRawText(),
                _ => "",
            });
        }
    }

    private static Struct? Read(string arguments)
    {
        if (string.IsNullOrWhiteSpace(arguments))
        {
            return new Struct();
        }

        try
        {
            using var document = RestJson.Parse(Encoding.UTF8.GetBytes(arguments));
            return document.RootElement.ValueKind == JsonValueKind.Object ? StructJson.ReadStruct(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class Piece
    {
        public string Id { get; set; } = "";

        public string Name { get; set; } = "";

        public StringBuilder Arguments { get; } = new();
    }
}
