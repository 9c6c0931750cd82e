namespace GenAI.Chats.Client;

/// <summary>A model's response, or a chunk of it, with the shortcuts of Google's SDKs, which use the first candidate.</summary>
public abstract class ModelResponse
{
    private protected ModelResponse(GenerateContentResponse content) => Response = content;

    /// <summary>The whole response of the model.</summary>
    public GenerateContentResponse Response { get; }

    /// <summary>The parts, in order. Empty if there is no content.</summary>
    public IReadOnlyList<Part> Parts => Response.Candidates is [var first, ..] && first.Content is { } content ? content.Parts : [];

    /// <summary>
    /// The concatenated text parts, without thoughts. Null if the response has no text part.
    /// </summary>
    public string? Text
    {
        get
        {
            var texts = Parts.Where(part => part.DataCase == Part.DataOneofCase.Text && !part.Thought).Select(part => part.Text).ToList();
            return texts.Count == 0 ? null : string.Concat(texts);
        }
    }

    /// <summary>The function calls of the model. The next message must contain a function response for each.</summary>
    public IReadOnlyList<FunctionCall> FunctionCalls =>
        [.. Parts.Where(part => part.DataCase == Part.DataOneofCase.FunctionCall).Select(part => part.FunctionCall)];

    /// <summary>The model's finish reason, such as STOP or MAX_TOKENS. Null for all chunks but the last.</summary>
    public string? FinishReason => Response.Candidates is [{ FinishReason.Length: > 0 } first, ..] ? first.FinishReason : null;

    /// <summary>The token counts, if the model reported them. In a stream, they are running totals.</summary>
    public UsageMetadata? Usage => Response.UsageMetadata;

    /// <inheritdoc/>
    public override string ToString() => Text ?? "";
}
