using System.Text.Json;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>
/// The tool calls of one choice. In a stream they come in pieces, several at once. A piece belongs to the call that has its id; else to the
/// latest call that has its index; without either, to a call by their order. A part has a whole call, so calls are given when the choice ends.
/// </summary>
/// <param name="source">The API that they come from.</param>
/// <param name="budget">What the answer may hold back.</param>
internal sealed class OpenAiToolCalls(string source, HeldBytes budget)
{
    private readonly List<OpenAiToolCall> _calls = [];

    // Those that the latest list had pieces of, in its order.
    private List<OpenAiToolCall> _latest = [];

    /// <summary>Whether there are calls that have not been given.</summary>
    public bool IsEmpty => _calls.Count == 0;

    /// <summary>Adds the calls of a message, or the pieces of a delta.</summary>
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
                // An id that two calls have tells neither of them.
                piece = piece with { Id = null };
            }

            budget.Add(piece.Name.Length + piece.Arguments.Length);
            call.Add(piece);
            touched.Add(call);
        }

        _latest = touched.Count > 0 ? touched : _latest;
    }

    /// <summary>Gives the calls as parts, and forgets them.</summary>
    /// <param name="problem">What is wrong with a call, which is left out; null where all are right.</param>
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

    // Some say a call again that they have said.
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

        // A piece without a name begins no call.
        return piece.Name.Length > 0 || (piece.Id is not null && byId is null) ? null : byId ?? byPlace;
    }

    // An id may come behind a call's first piece, and some make one up again for each piece.
    private static bool MayHaveId(OpenAiToolCall call, OpenAiToolPiece piece) =>
        piece.Id is null || call.Id is null || call.Id == piece.Id || (piece.Name.Length == 0 && call.HasArguments && !call.IsWhole);

    // A list of as many pieces as the one before goes on with the same calls; else what comes first goes on with the last call.
    private OpenAiToolCall? ByOrder(List<OpenAiToolCall> touched, int count)
    {
        var place = touched.Count;
        var call = count == _latest.Count ? _latest[place] : place == 0 ? _latest.LastOrDefault() : null;
        return call is null || touched.Contains(call) ? null : call;
    }
}
