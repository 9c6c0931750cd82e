using System.Runtime.InteropServices;
using System.Text;
using GenAI.Chats.Models.Requests;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>A tool call that is assembled from deltas.</summary>
internal sealed class OpenAiToolCall(HeldBytes budget)
{
    private readonly StringBuilder _arguments = new();
    private readonly JsonDeltas _others = new(budget, repeats: true);
    private JsonExtent _extent;

    /// <summary>Gets the ID, if it has arrived.</summary>
    public string? Id { get; private set; }

    /// <summary>Gets the index, if it has arrived.</summary>
    public long? Index { get; private set; }

    /// <summary>Gets the function's name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Gets whether arguments have arrived.</summary>
    public bool HasArguments => _arguments.Length > 0;

    /// <summary>Gets whether the arguments are a complete object.</summary>
    public bool IsWhole => _extent.IsWhole;

    /// <summary>Adds a delta. Some servers repeat the name in each delta, or the complete call after the last one.</summary>
    public void Add(OpenAiToolPiece piece)
    {
        Id ??= piece.Id;
        Index ??= piece.Index;
        if (piece.Name.StartsWith(Name, StringComparison.Ordinal))
        {
            Name = piece.Name;
        }
        else if (!HasArguments)
        {
            Name += piece.Name;
        }

        if (piece.Arguments.Length > 0 && !(IsWhole && HasSameArguments(piece.Arguments)))
        {
            _arguments.Append(piece.Arguments);
            _extent.Add(piece.Arguments.AsSpan());
        }

        piece.AddOthersTo(_others);
    }

    /// <summary>Returns whether the call has exactly these arguments.</summary>
    public bool HasSameArguments(string arguments) => arguments.Length == _arguments.Length && _arguments.Equals(arguments);

    /// <summary>Returns whether a delta that refers to the call can continue it, rather than start another call.</summary>
    public bool IsContinuedBy(OpenAiToolPiece piece)
    {
        var hasOtherName = piece.Name.Length > 0 && !piece.Name.StartsWith(Name, StringComparison.Ordinal);
        if (!IsWhole)
        {
            return !hasOtherName || !HasArguments || (Id is not null && Id == piece.Id);
        }

        var isMarked = piece.Index is not null || (piece.Id is not null && piece.Id == Id);
        return !hasOtherName && (piece.Arguments.Length == 0 || (isMarked && HasSameArguments(piece.Arguments)));
    }

    /// <summary>Returns the call as a part.</summary>
    /// <param name="source">The API that sent it, for <see cref="KeptMembers"/>.</param>
    /// <param name="problem">The reason if it isn't a valid call, or null.</param>
    public Part? ToPart(string source, out string? problem)
    {
        problem = Name.Length > 0 ? null : "A function call has no name.";
        if (problem is not null || ReadArguments(out var exact, out problem) is not { } arguments)
        {
            return null;
        }

        var part = new Part { FunctionCall = new FunctionCall { Name = Name, Args = arguments, ArgsJson = exact } };
        if (Id is not null)
        {
            part.FunctionCall.Id = Id;
        }

        if (!_others.IsEmpty)
        {
            part.Extra = new KeptMembers(_others.ToJson()).ToExtra(source);
        }

        return part;
    }

    private Struct? ReadArguments(out ExactJson? exact, out string? problem)
    {
        (exact, problem) = (null, null);
        var text = _arguments.ToString();
        if (string.IsNullOrWhiteSpace(text))
        {
            return new Struct();
        }

        try
        {
            using var document = RestJson.Parse(Encoding.UTF8.GetBytes(text));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return StructJson.ReadStruct(document.RootElement, out exact);
            }
        }
        catch (UnreadableJsonException unreadable)
        {
            problem = $"Arguments for function '{Name}' can't be read. {unreadable.Message}";
            return null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // See the message below.
        }

        problem = $"Arguments for function '{Name}' aren't a JSON object.";
        return null;
    }
}

/// <summary>A delta of a tool call, or a complete one of a message.</summary>
/// <param name="Json">The JSON. It is valid while the delta is read.</param>
/// <param name="Id">The call's ID, or null.</param>
/// <param name="Index">The call's index, or null.</param>
/// <param name="Name">The function's name or a fragment of it. Can be empty.</param>
/// <param name="Arguments">The arguments or a fragment of them. Can be empty.</param>
internal sealed record OpenAiToolPiece(JsonElement Json, string? Id, long? Index, string Name, string Arguments)
{
    /// <summary>Reads a delta.</summary>
    public static OpenAiToolPiece Read(JsonElement json)
    {
        var function = OpenAiJson.Object(json, "function");
        return new OpenAiToolPiece(
            json,
            OpenAiJson.Text(json, "id") is { Length: > 0 } id ? id : null,
            OpenAiJson.Number(json, "index"),
            (function is { } named ? OpenAiJson.Text(named, "name") : null) ?? "",
            function is { } called ? ArgumentsOf(called) : "");
    }

    /// <summary>Adds the members for which this service has no fields.</summary>
    public void AddOthersTo(JsonDeltas others)
    {
        others.Add(Json, member => member.Name is "id" or "index" or "type" or "function");
        if (OpenAiJson.Object(Json, "function") is { } function)
        {
            others.Add(function, member => member.Name is "name" or "arguments", "function");
        }
    }

    // According to the API it is a string, but some servers send the object itself.
    private static string ArgumentsOf(JsonElement function) =>
        !function.TryGetProperty("arguments", out var arguments) ? "" : arguments.ValueKind switch
        {
            JsonValueKind.String => JsonText.ReadPiece(arguments),
            JsonValueKind.Null => "",
            _ => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(arguments)),
        };
}
