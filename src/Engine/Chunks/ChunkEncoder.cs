using System.Text;
using GenAI.Chats.Models.Responses;

namespace GenAI.Chats.Engine.Chunks;

/// <summary>
/// Splits a model's responses into one content, which the history keeps, and the other members of each response, as differences from the response before.
/// <see cref="ChunkDecoder"/> restores the responses, member by member.
/// </summary>
/// <param name="join">Whether adjacent texts become one part: for streamed responses, because they split the text at random. Signed parts are never joined.</param>
internal sealed class ChunkEncoder(bool join)
{
    // Enough for a short answer, so that its text isn't collected in many pieces.
    private const int TextCapacity = 256;

    private static readonly Chunk?[] Continuations = new Chunk?[256];

    private readonly List<Chunk> _chunks = [];
    private readonly Content _content = new();
    private GenerateContentResponse? _before;
    private ResponseFrame _frame = new();
    private ResponseFrame _frameBefore = new();

    // The text of the last part, which the next response can continue. Null if it can't.
    private StringBuilder? _openText;

    /// <summary>Gets the responses so far.</summary>
    public IReadOnlyList<Chunk> Chunks => _chunks;

    /// <summary>Returns the chat's candidate: the first with index 0.</summary>
    public static Candidate? ChatCandidate(GenerateContentResponse response) =>
        ChatCandidateIndex(response) is >= 0 and var index ? response.Candidates[index] : null;

    /// <summary>Returns the position of the chat's candidate. -1 if there is none.</summary>
    public static int ChatCandidateIndex(GenerateContentResponse response)
    {
        for (var i = 0; i < response.Candidates.Count; i++)
        {
            if (response.Candidates[i].Index == 0)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Adds the next response. It isn't changed, and must not change later.</summary>
    /// <param name="response">The response.</param>
    /// <param name="bytes">The encoded response.</param>
    public void Add(GenerateContentResponse response, ReadOnlySpan<byte> bytes)
    {
        // Most chunks differ from the one before only in their text.
        _frame.Take(response, bytes);
        var isSameFrame = _frame.IsSame(_frameBefore);
        var content = ChatCandidate(response)?.Content;
        if (isSameFrame && content is { Parts: [var only], Extra: null, ExtraJson: null } && Continues(only))
        {
            _openText!.Append(only.Text);
            _chunks.Add(Continuation(1 + (uint)only.Text.Length));
            return;
        }

        var chunk = new Chunk();
        if (content is not null)
        {
            if (_content.Role.Length == 0)
            {
                _content.Role = content.Role;
            }

            if (content is not { Extra: null, ExtraJson: null })
            {
                // Members that the schema doesn't have belong to the content, too.
                ExtraMembers.Merge(_content, content);
            }

            foreach (var part in content.Parts)
            {
                AddPart(part, chunk);
            }
        }

        if (!isSameFrame)
        {
            AddFrame(response, chunk);
        }

        _chunks.Add(chunk);
    }

    /// <summary>Returns all parts so far as one content, with the first role that came. Empty if none came.</summary>
    public Content Content()
    {
        CloseText();
        return _content;
    }

    private void AddPart(Part part, Chunk chunk)
    {
        if (!join || !PartJoin.CanJoin(part, part))
        {
            CloseText();
            _content.Parts.Add(part);
            AddPiece(chunk, 1, 0);
            return;
        }

        var length = 1 + (uint)part.Text.Length;
        if (Continues(part))
        {
            _openText!.Append(part.Text);
            AddPiece(chunk, 0, length);
            return;
        }

        CloseText();
        _content.Parts.Add(part.Clone());
        _openText = new StringBuilder(part.Text, TextCapacity);
        AddPiece(chunk, 1, length);
    }

    // Whether a part continues the text of the part before.
    private bool Continues(Part part) => _openText is not null && PartJoin.CanJoin(_content.Parts[^1], part) && _content.Parts[^1].HasThought == part.HasThought;

    private void CloseText()
    {
        if (_openText is not null)
        {
            _content.Parts[^1].Text = _openText.ToString();
            _openText = null;
        }
    }

    private static void AddPiece(Chunk chunk, uint advance, uint length)
    {
        chunk.Pieces.Add(advance);
        chunk.Pieces.Add(length);
    }

    private void AddFrame(GenerateContentResponse response, Chunk chunk)
    {
        var frame = Frame(response);
        if (_before is null)
        {
            chunk.Changed = frame;
        }
        else
        {
            AddChanges(_before, frame, chunk);
        }

        _before = frame;
        (_frame, _frameBefore) = (_frameBefore, _frame);
    }

    // Most chunks of a stream only continue the text. Chunks with the same number of characters share one object, which never changes.
    private static Chunk Continuation(uint length)
    {
        return length < Continuations.Length ? Continuations[length] ??= New(length) : New(length);

        static Chunk New(uint length) => new() { Pieces = { 0, length } };
    }

    // Returns the response without the content's parts.
    private static GenerateContentResponse Frame(GenerateContentResponse response)
    {
        var frame = response.Clone();
        ChatCandidate(frame)?.Content?.Parts.Clear();
        return frame;
    }

    private static void AddChanges(GenerateContentResponse before, GenerateContentResponse frame, Chunk chunk)
    {
        foreach (var field in GenerateContentResponse.Descriptor.Fields.InDeclarationOrder())
        {
            if (ProtoFields.AreEqual(before, frame, field))
            {
                continue;
            }

            if (ProtoFields.IsSet(frame, field))
            {
                ProtoFields.Copy(frame, chunk.Changed ??= new GenerateContentResponse(), field);
            }
            else
            {
                chunk.Cleared.Add((uint)field.FieldNumber);
            }
        }
    }
}
