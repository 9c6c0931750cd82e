using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>
/// Gathers what a model answers in one turn, and says what the history keeps of it: architecture.md, "Recording". A turn whose calls the service runs has
/// several answers, with the responses to their calls between them.
/// </summary>
/// <param name="stream">Whether the answers come in chunks.</param>
internal sealed class TurnRecorder(bool stream)
{
    // An array's head, and its place in the log and among the chunks. Even chunks without content fill the memory in the end.
    private const int BytesBesides = 64;

    // What is complete: answers and responses, each as a content and its chunks.
    private readonly List<Content> _contents = [];
    private readonly List<Chunk> _chunks = [];
    private ChunkEncoder? _answer = new(join: stream);
    private bool _isComplete;
    private string _finishReason = "";
    private string _modelVersion = "";
    private UsageMetadata? _usage;
    private UsageMetadata? _usageBefore;

    /// <summary>Whether anything has come.</summary>
    public bool HasChunks => ChunkCount > 0;

    /// <summary>How much has come, in bytes as protobuf has it, and what each chunk takes in memory besides.</summary>
    public long Bytes { get; private set; }

    private int ChunkCount => _chunks.Count + (_isComplete ? 0 : _answer?.Chunks.Count ?? 0);

    /// <summary>Adds the model's next response.</summary>
    /// <param name="response">The response.</param>
    /// <param name="bytes">The same, encoded.</param>
    public void Add(GenerateContentResponse response, ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length + BytesBesides;
        _answer!.Add(response, bytes);
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
    /// Whether the model's last answer can be sent again with later turns: it has parts, none is empty, they are the model's, and,
    /// streaming, a finish reason came. A chunk without parts does not spoil it.
    /// </summary>
    public bool IsValid()
    {
        var content = _answer?.Content() ?? _contents.FindLast(c => c.Role == Curation.Model)!;
        return Curation.IsValid(content)
            && content.Role is "" or Curation.Model
            && (!stream || _finishReason.Length > 0);
    }

    /// <summary>The function calls of the model's answer.</summary>
    public IReadOnlyList<FunctionCall> Calls() => FunctionCalls.In(_answer!.Content());

    /// <summary>The model's answer is complete, and something is to follow it.</summary>
    /// <returns>The answer.</returns>
    public TurnProgress.Types.Answer EndAnswer()
    {
        var answer = new TurnProgress.Types.Answer { Content = Complete(_answer!), Chunks = { _answer!.Chunks } };
        _answer = null;
        return answer;
    }

    /// <summary>Adds the responses to the calls of the answer that has ended.</summary>
    /// <param name="responses">The responses, as a chunk.</param>
    /// <param name="bytes">The same, encoded.</param>
    public void AddResponses(GenerateContentResponse responses, ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length + BytesBesides;
        var encoder = new ChunkEncoder(join: false);
        encoder.Add(responses, bytes);
        Complete(encoder);
    }

    /// <summary>The model is called again.</summary>
    public void BeginAnswer()
    {
        _answer = new ChunkEncoder(join: stream);
        _finishReason = "";
        _usageBefore = UsageSum.Add(_usageBefore, _usage);
        _usage = null;
    }

    /// <summary>What is stored. Called when all has come.</summary>
    /// <param name="recorded">
    /// Whether the history keeps the answers; where nothing came, an empty content of the model, so that roles alternate.
    /// </param>
    /// <param name="error">Why the turn failed, if it did.</param>
    public TurnOutcome ToOutcome(bool recorded, Turn.Types.Error? error = null)
    {
        var outcome = new TurnOutcome
        {
            FinishReason = _finishReason,
            ModelVersion = _modelVersion,
            Usage = _usageBefore is null ? _usage : UsageSum.Add(_usageBefore, _usage),
            Error = error,
        };
        if (!recorded)
        {
            outcome.DroppedChunks = (uint)ChunkCount;
            return outcome;
        }

        if (_answer is not null && !_isComplete)
        {
            _isComplete = true;
            Complete(_answer);
        }

        outcome.Contents.Add(_contents);
        outcome.Chunks.Add(_chunks);
        return outcome;
    }

    private Content Complete(ChunkEncoder encoder)
    {
        var content = encoder.Content();
        if (content.Role.Length == 0)
        {
            content.Role = Curation.Model;
        }

        if (_contents.Count > 0 && encoder.Chunks is [var first, ..])
        {
            // The answer alone, as it is kept until the turn has ended, begins without.
            var next = first.Clone();
            next.NextContent = true;
            _chunks.Add(next);
            _chunks.AddRange(encoder.Chunks.Skip(1));
        }
        else
        {
            _chunks.AddRange(encoder.Chunks);
        }

        _contents.Add(content);
        return content;
    }
}
