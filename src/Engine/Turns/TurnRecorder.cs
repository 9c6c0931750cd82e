using GenAI.Chats.Models.Responses;

namespace GenAI.Chats.Engine.Turns;

/// <summary>
/// Records the answers of a turn's model, and decides what the history keeps of them: architecture.md, "Recording". A turn with calls of server-side tools has
/// several answers, with the responses to their calls between them.
/// </summary>
/// <param name="stream">Whether the answers come in chunks.</param>
internal sealed class TurnRecorder(bool stream)
{
    // The overhead of a chunk in memory: without it, any number of chunks without content would be allowed.
    private const int ChunkOverhead = 64;

    // The complete answers and responses, each as a content and its chunks.
    private readonly List<Content> _contents = [];
    private readonly List<Chunk> _chunks = [];
    private ChunkEncoder? _answer = new(join: stream);
    private bool _isComplete;
    private string _finishReason = "";
    private string _modelVersion = "";
    private UsageMetadata? _usage;
    private UsageMetadata? _usageBefore;

    /// <summary>Gets whether any chunk has come.</summary>
    public bool HasChunks => ChunkCount > 0;

    /// <summary>Gets the size of all chunks in memory, in bytes.</summary>
    public long Bytes { get; private set; }

    private int ChunkCount => _chunks.Count + (_isComplete ? 0 : _answer?.Chunks.Count ?? 0);

    /// <summary>Adds the model's next response.</summary>
    /// <param name="response">The response.</param>
    /// <param name="bytes">The encoded response.</param>
    public void Add(GenerateContentResponse response, ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length + ChunkOverhead;
        _answer!.Add(response, bytes);
        if (ChunkEncoder.ChatCandidate(response)?.FinishReason is { Length: > 0 } reason)
        {
            _finishReason = reason;
        }

        if (response.ModelVersion is { Length: > 0 } version)
        {
            _modelVersion = version;
        }

        // Each chunk's usage is the total so far.
        _usage = response.UsageMetadata ?? _usage;
    }

    /// <summary>
    /// Returns whether the model's last answer can be sent again with later turns: it has parts, none is empty, its role is the model's, and, if streamed, a
    /// finish reason came. A chunk without parts is harmless.
    /// </summary>
    public bool IsValid()
    {
        var content = _answer?.Content() ?? _contents.FindLast(c => c.Role == Curation.Model)!;
        return Curation.IsValid(content)
            && content.Role is "" or Curation.Model
            && (!stream || _finishReason.Length > 0);
    }

    /// <summary>Returns the function calls of the model's answer.</summary>
    public IReadOnlyList<FunctionCall> Calls() => FunctionCalls.In(_answer!.Content());

    /// <summary>Completes the model's answer before tools run.</summary>
    /// <returns>The answer.</returns>
    public TurnProgress.Types.Answer EndAnswer()
    {
        var answer = new TurnProgress.Types.Answer { Content = Complete(_answer!), Chunks = { _answer!.Chunks } };
        _answer = null;
        return answer;
    }

    /// <summary>Adds the responses to the calls of the completed answer.</summary>
    /// <param name="responses">The responses, as a chunk.</param>
    /// <param name="bytes">The encoded response.</param>
    public void AddResponses(GenerateContentResponse responses, ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length + ChunkOverhead;
        var encoder = new ChunkEncoder(join: false);
        encoder.Add(responses, bytes);
        Complete(encoder);
    }

    /// <summary>Begins the model's next answer.</summary>
    public void BeginAnswer()
    {
        _answer = new ChunkEncoder(join: stream);
        _finishReason = "";
        _usageBefore = UsageSum.Add(_usageBefore, _usage);
        _usage = null;
    }

    /// <summary>Returns the outcome to store. Called after the last chunk.</summary>
    /// <param name="recorded">
    /// Whether the history keeps the answers. If nothing came, it keeps an empty content of the model, so that roles alternate.
    /// </param>
    /// <param name="error">Why the turn failed. Null if it didn't.</param>
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
            // The chunks of the answer's progress don't have the mark, so the first one is copied.
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
