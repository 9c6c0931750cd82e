using System.Text;
using System.Text.Json;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Requests;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

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
        ExactJson? exact = null;
        if (problem is not null || ReadArguments(ref exact, out problem) is not { } arguments)
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

    private Struct? ReadArguments(ref ExactJson? exact, out string? problem)
    {
        problem = null;
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
                return StructJson.ReadStruct(document.RootElement, ref exact);
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
