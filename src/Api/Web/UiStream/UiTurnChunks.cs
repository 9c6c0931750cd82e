using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>
/// Converts a turn to chunks: from its events as they arrive, or from the recorded contents. Both give the same message. A turn is one step, so that one
/// <c>reset-step</c> removes everything of an attempt that starts over.
/// </summary>
/// <param name="turnId">The turn.</param>
internal sealed class UiTurnChunks(string turnId)
{
    private const string Model = "model";
    private const string CodeExecution = "code_execution";

    private readonly UiToolCalls _calls = new(turnId);
    private readonly List<JsonObject> _chunks = [];
    private (string Kind, string Id)? _open;
    private string _finishReason = "";
    private int _texts;
    private bool _hasStep;
    private bool _hasParts;

    /// <summary>Gets whether the turn has ended.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Adds an event of the turn.</summary>
    public IReadOnlyList<JsonObject> Add(TurnEvent next)
    {
        _chunks.Clear();
        switch (next.EventCase)
        {
            case TurnEvent.EventOneofCase.Started:
                Begin(next.Started);
                break;
            case TurnEvent.EventOneofCase.Chunk when next.Chunk.Candidates.Count > 0:
                _finishReason = next.Chunk.Candidates[0].FinishReason is { Length: > 0 } reason ? reason : _finishReason;
                Add(next.Chunk.Candidates[0].Content);
                break;
            case TurnEvent.EventOneofCase.Ended:
                End(next.Ended);
                break;
        }

        return [.. _chunks];
    }

    /// <summary>Adds a recorded turn, with its contents.</summary>
    public IReadOnlyList<JsonObject> Add(Turn recorded)
    {
        _chunks.Clear();
        Begin(recorded);
        foreach (var content in recorded.Output)
        {
            Add(content);
        }

        _finishReason = recorded.FinishReason;
        End(recorded);
        return [.. _chunks];
    }

    /// <summary>Adds the responses to the turn's function calls, which are in the message of the next turn.</summary>
    public IReadOnlyList<JsonObject> Answer(Content message) => [.. _calls.Answer(message)];

    private void Begin(Turn turn)
    {
        if (!_hasStep)
        {
            _hasStep = true;
            _chunks.Add(UiChunk.Of(UiChunk.StartStep));
        }
        else if (_hasParts)
        {
            _chunks.Add(UiChunk.Of(UiChunk.ResetStep));
        }

        (_open, _finishReason, _texts, _hasParts) = (null, "", 0, false);
        _calls.Clear();
        _chunks.Add(UiChunk.Of(UiChunk.Metadata, ("messageMetadata", new JsonObject { ["turnId"] = turnId, ["attempt"] = turn.Attempt })));
    }

    private void Add(Content? content)
    {
        var isModel = content?.Role is Model or "";
        foreach (var part in content?.Parts ?? [])
        {
            _hasParts = true;
            Add(part, isModel);
        }
    }

    private void Add(Part part, bool isModel)
    {
        switch (part.DataCase)
        {
            case Part.DataOneofCase.Text when isModel:
                AddText(part.Thought ? UiChunk.Reasoning : UiChunk.Text, part.Text);
                break;
            case Part.DataOneofCase.FunctionCall when isModel:
                AddWhole(_calls.Add(part.FunctionCall));
                break;
            case Part.DataOneofCase.FunctionResponse:
                AddWhole(_calls.Add(part.FunctionResponse));
                break;
            case Part.DataOneofCase.InlineData when isModel:
                AddFile(part.Thought, part.InlineData.MimeType, $"data:{part.InlineData.MimeType};base64,{part.InlineData.Data.ToBase64()}");
                break;
            case Part.DataOneofCase.FileData when isModel:
                AddFile(part.Thought, part.FileData.MimeType, part.FileData.FileUri);
                break;
            case Part.DataOneofCase.ExecutableCode:
                AddWhole(_calls.AddProviderCall(CodeExecution, JsonNode.Parse(RestJson.Write(part.ExecutableCode))));
                break;
            case Part.DataOneofCase.CodeExecutionResult:
                AddWhole(_calls.AddProviderOutput(CodeExecution, JsonNode.Parse(RestJson.Write(part.CodeExecutionResult))));
                break;
            case Part.DataOneofCase.None when part.Extra is null:
                // A signature only.
                break;
            default:
                AddWhole([UiChunk.Of(UiChunk.DataPart, ("data", JsonNode.Parse(RestJson.Write(part))))]);
                break;
        }
    }

    private void AddText(string kind, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_open?.Kind != kind)
        {
            Close();
            _open = (kind, $"{turnId}.{++_texts}");
            _chunks.Add(UiChunk.Of($"{kind}-start", ("id", _open.Value.Id)));
        }

        _chunks.Add(UiChunk.Of($"{kind}-delta", ("id", _open.Value.Id), ("delta", text)));
    }

    private void AddFile(bool isThought, string mediaType, string url) =>
        AddWhole([UiChunk.Of(isThought ? UiChunk.ReasoningFile : UiChunk.File, ("mediaType", mediaType), ("url", url))]);

    private void AddWhole(IEnumerable<JsonObject> chunks)
    {
        Close();
        _chunks.AddRange(chunks);
    }

    private void Close()
    {
        if (_open is { } open)
        {
            _open = null;
            _chunks.Add(UiChunk.Of($"{open.Kind}-end", ("id", open.Id)));
        }
    }

    private void End(Turn turn)
    {
        HasEnded = true;
        var isComplete = turn.State == Turn.Types.State.Completed;
        AddWhole(isComplete ? _calls.Open() : _calls.Abandon());
        _chunks.Add(UiChunk.Of(UiChunk.FinishStep));
        var metadata = UiMetadata.Of(turn);
        if (isComplete)
        {
            _chunks.Add(UiChunk.Of(UiChunk.Finish, ("finishReason", FinishReason()), ("messageMetadata", metadata)));
            return;
        }

        _chunks.Add(UiChunk.Of(UiChunk.Metadata, ("messageMetadata", metadata)));
        _chunks.Add(turn.State == Turn.Types.State.Failed
            ? UiChunk.Of(UiChunk.Error, ("errorText", turn.Error.Message))
            : UiChunk.Of(UiChunk.Abort, ("reason", "The turn was canceled.")));
    }

    private string FinishReason() => _calls.HasPending ? "tool-calls" : _finishReason switch
    {
        "STOP" => "stop",
        "MAX_TOKENS" => "length",
        "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "IMAGE_SAFETY" or "LANGUAGE" => "content-filter",
        "MALFORMED_FUNCTION_CALL" or "UNEXPECTED_TOOL_CALL" => "error",
        _ => "other",
    };
}
