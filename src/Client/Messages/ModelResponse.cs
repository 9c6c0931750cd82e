using GenAI.Chats.V1;

namespace GenAI.Chats.Client;

/// <summary>What a model answered, or a piece of it, with the shortcuts of Google's SDKs. They look at the first candidate.</summary>
public abstract class ModelResponse
{
    private protected ModelResponse(GenerateContentResponse content) => Response = content;

    /// <summary>The whole response, as the model gave it.</summary>
    public GenerateContentResponse Response { get; }

    /// <summary>The parts, in order. Empty where there is no content.</summary>
    public IReadOnlyList<Part> Parts => Response.Candidates is [var first, ..] && first.Content is { } content ? content.Parts : [];

    /// <summary>
    /// The text parts, one after another, but for those of the model's thinking. Null where there is none: nothing came, or only parts of other kinds.
    /// </summary>
    public string? Text
    {
        get
        {
            var texts = Parts.Where(part => part.DataCase == Part.DataOneofCase.Text && !part.Thought).Select(part => part.Text).ToList();
            return texts.Count == 0 ? null : string.Concat(texts);
        }
    }

    /// <summary>The functions that the model asks for. The next message answers them with a function response each.</summary>
    public IReadOnlyList<FunctionCall> FunctionCalls =>
        [.. Parts.Where(part => part.DataCase == Part.DataOneofCase.FunctionCall).Select(part => part.FunctionCall)];

    /// <summary>Why the model stopped, in its own word, such as STOP or MAX_TOKENS. Null on chunks before the last.</summary>
    public string? FinishReason => Response.Candidates is [{ FinishReason.Length: > 0 } first, ..] ? first.FinishReason : null;

    /// <summary>The tokens so far, where the model said. In a stream each is the running total.</summary>
    public UsageMetadata? Usage => Response.UsageMetadata;

    /// <inheritdoc/>
    public override string ToString() => Text ?? "";
}
