using GenAI.Chats.Grains.Storage.Records;
using GenAI.Chats.V1;

namespace GenAI.Chats.Grains.Engine;

/// <summary>
/// Gathers what a model answers in one turn, and says what the history keeps of it: architecture.md, "Recording".
/// </summary>
/// <param name="stream">Whether the answer comes in chunks.</param>
internal sealed class TurnRecorder(bool stream)
{
    private readonly ChunkEncoder _encoder = new(join: stream);
    private string _finishReason = "";
    private string _modelVersion = "";
    private UsageMetadata? _usage;

    /// <summary>Whether anything has come.</summary>
    public bool HasChunks => _encoder.Chunks.Count > 0;

    /// <summary>How much has come, in bytes as protobuf has it.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds the model's next response.</summary>
    public void Add(GenerateContentResponse response)
    {
        Bytes += response.CalculateSize();
        _encoder.Add(response);
        if (ChunkEncoder.ChatCandidate(response)?.FinishReason is { Length: > 0 } reason)
        {
            _finishReason = reason;
        }

        if (response.ModelVersion is { Length: > 0 } version)
        {
            _modelVersion = version;
        }

        // Each chunk's usage is the running total.
        _usage = response.UsageMetadata ?? _usage;
    }

    /// <summary>
    /// Whether the model's answer is sent again with later turns: it has parts, none is empty, they are the model's, and,
    /// streaming, a finish reason came. A chunk without parts does not spoil it.
    /// </summary>
    public bool IsValid()
    {
        var content = _encoder.Content();
        return Curation.IsValid(content)
            && content.Role is "" or Curation.Model
            && (!stream || _finishReason.Length > 0);
    }

    /// <summary>Whether the model's answer calls functions.</summary>
    public bool HasCalls() => FunctionCalls.In(_encoder.Content()).Count > 0;

    /// <summary>What is stored. Call it once, when all has come.</summary>
    /// <param name="recorded">Whether the history keeps the answer; where nothing came, an empty content of the model, so that roles alternate.</param>
    /// <param name="error">Why the turn failed, if it did.</param>
    public TurnOutcome ToOutcome(bool recorded, Turn.Types.Error? error = null)
    {
        var outcome = new TurnOutcome
        {
            FinishReason = _finishReason,
            ModelVersion = _modelVersion,
            Usage = _usage,
            Error = error,
        };
        if (!recorded)
        {
            outcome.DroppedChunks = (uint)_encoder.Chunks.Count;
            return outcome;
        }

        var content = _encoder.Content();
        if (content.Role.Length == 0)
        {
            content.Role = Curation.Model;
        }

        outcome.Contents.Add(content);
        outcome.Chunks.Add(_encoder.Chunks);
        return outcome;
    }
}
