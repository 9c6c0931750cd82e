namespace GenAI.Chats.Models.OpenAi;

/// <summary>
/// The tool calls of a choice. Streams interleave the deltas of several calls. A delta belongs to the call with its ID, otherwise to the latest call with
/// its index, otherwise to a call by order. A part contains a complete call, so calls are returned when the choice ends.
/// </summary>
/// <param name="source">The API that sent them.</param>
/// <param name="budget">The limit for buffered data.</param>
internal sealed class OpenAiToolCalls(string source, HeldBytes budget)
{
    private readonly List<OpenAiToolCall> _calls = [];

    // The calls in the latest list of deltas, in its order.
    private List<OpenAiToolCall> _latest = [];

    /// <summary>Gets whether there are no calls to return.</summary>
    public bool IsEmpty => _calls.Count == 0;

    /// <summary>Adds the calls of a message or delta.</summary>
    public void Add(JsonElement message, bool isWhole)
    {
        var list = OpenAiJson.List(message, "tool_calls").ToList();
        var touched = new List<OpenAiToolCall>(list.Count);
        foreach (var json in list)
        {
            var piece = OpenAiToolPiece.Read(json);
            var call = (isWhole ? FindRepeated(piece) : Find(piece, touched, list.Count)) ?? Start();
            if (piece.Id is not null && _calls.Exists(other => other != call && other.Id == piece.Id))
            {
                // An ID of two calls identifies neither of them.
                piece = piece with { Id = null };
            }

            budget.Add(piece.Name.Length + piece.Arguments.Length);
            call.Add(piece);
            touched.Add(call);
        }

        _latest = touched.Count > 0 ? touched : _latest;
    }

    /// <summary>Returns the calls as parts, and removes them.</summary>
    /// <param name="problem">The reason why a call is invalid and left out, or null.</param>
    public List<Part> Take(out string? problem)
    {
        problem = null;
        var parts = new List<Part>(_calls.Count);
        foreach (var call in _calls.OrderBy(call => call.Index ?? 0))
        {
            if (call.ToPart(source, out var its) is { } part)
            {
                parts.Add(part);
            }

            problem ??= its;
        }

        _calls.Clear();
        _latest = [];
        return parts;
    }

    private OpenAiToolCall Start()
    {
        budget.AddObject();
        var call = new OpenAiToolCall(budget);
        _calls.Add(call);
        return call;
    }

    // Some servers repeat calls.
    private OpenAiToolCall? FindRepeated(OpenAiToolPiece piece) => piece.Id is null
        ? null
        : _calls.Find(call => call.Id == piece.Id && call.Name == piece.Name && call.HasSameArguments(piece.Arguments));

    private OpenAiToolCall? Find(OpenAiToolPiece piece, List<OpenAiToolCall> touched, int count)
    {
        var byId = piece.Id is null ? null : _calls.FindLast(call => call.Id == piece.Id);
        if (byId?.IsContinuedBy(piece) == true)
        {
            return byId;
        }

        var byPlace = piece.Index is { } index ? _calls.FindLast(call => call.Index == index) : ByOrder(touched, count);
        if (byPlace?.IsContinuedBy(piece) == true && MayHaveId(byPlace, piece))
        {
            return byPlace;
        }

        // A delta without a name doesn't start a call.
        return piece.Name.Length > 0 || (piece.Id is not null && byId is null) ? null : byId ?? byPlace;
    }

    // An ID can arrive after a call's first delta, and some servers create a new one for each delta.
    private static bool MayHaveId(OpenAiToolCall call, OpenAiToolPiece piece) =>
        piece.Id is null || call.Id is null || call.Id == piece.Id || (piece.Name.Length == 0 && call.HasArguments && !call.IsWhole);

    // A list of the same length as the previous one continues the same calls. Otherwise its first delta continues the last call.
    private OpenAiToolCall? ByOrder(List<OpenAiToolCall> touched, int count)
    {
        var place = touched.Count;
        var call = count == _latest.Count ? _latest[place] : place == 0 ? _latest.LastOrDefault() : null;
        return call is null || touched.Contains(call) ? null : call;
    }
}
