using System.Text;
using System.Text.Json;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Requests;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>A tool call, as far as its pieces have come.</summary>
internal sealed class OpenAiToolCall(HeldBytes budget)
{
    private readonly StringBuilder _arguments = new();
    private readonly JsonDeltas _others = new(budget, repeats: true);
    private JsonExtent _extent;

    /// <summary>Its id; null while none has come.</summary>
    public string? Id { get; private set; }

    /// <summary>Its index; null where none came.</summary>
    public long? Index { get; private set; }

    /// <summary>The function's name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Whether its arguments have begun.</summary>
    public bool HasArguments => _arguments.Length > 0;

    /// <summary>Whether its arguments are a whole object, behind which nothing can come.</summary>
    public bool IsWhole => _extent.IsWhole;

    /// <summary>Adds a piece. Some servers repeat the name in each of them, or the whole call behind the last one.</summary>
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

    /// <summary>Whether the call has just these arguments.</summary>
    public bool HasSameArguments(string arguments) => arguments.Length == _arguments.Length && _arguments.Equals(arguments);

    /// <summary>Whether a piece that points to the call can be more of it, rather than the begin of another one.</summary>
    public bool IsContinuedBy(OpenAiToolPiece piece)
    {
        var hasOtherName = piece.Name.Length > 0 && !piece.Name.StartsWith(Name, StringComparison.Ordinal);
        if (!IsWhole)
        {
            return !hasOtherName || !HasArguments || (Id is not null && Id == piece.Id);
        }

        var isTold = piece.Index is not null || (piece.Id is not null && piece.Id == Id);
        return !hasOtherName && (piece.Arguments.Length == 0 || (isTold && HasSameArguments(piece.Arguments)));
    }

    /// <summary>The call as a part.</summary>
    /// <param name="source">The API that it came from, for <see cref="KeptMembers"/>.</param>
    /// <param name="problem">Why it is none; null where it is one.</param>
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
            problem = $"The arguments for function '{Name}' can't be read. {unreadable.Message}";
            return null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The message below says it.
        }

        problem = $"The arguments for function '{Name}' are no JSON object.";
        return null;
    }
}
