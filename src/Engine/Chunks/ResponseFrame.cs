namespace GenAI.Chats.Engine.Chunks;

/// <summary>
/// The bytes of a response without the parts of the chat's candidate, to compare responses. Most chunks of a stream differ in their parts only, and comparing
/// bytes costs a fraction of comparing messages.
/// </summary>
internal sealed class ResponseFrame
{
    private byte[] _bytes = [];
    private int _length;

    /// <summary>Replaces the frame by a response's.</summary>
    /// <param name="response">The response.</param>
    /// <param name="bytes">The encoded response.</param>
    public void Take(GenerateContentResponse response, ReadOnlySpan<byte> bytes)
    {
        // Not longer than the response: an end mark replaces the length of a nested message.
        _bytes = _bytes.Length < bytes.Length ? new byte[bytes.Length] : _bytes;
        _length = 0;
        AddResponse(bytes, ChunkEncoder.ChatCandidateIndex(response));
    }

    /// <summary>Returns whether the frame is the same as another.</summary>
    public bool IsSame(ResponseFrame other) => _bytes.AsSpan(0, _length).SequenceEqual(other._bytes.AsSpan(0, other._length));

    private void AddResponse(ReadOnlySpan<byte> response, int chatCandidate)
    {
        for (var candidate = 0; WireField.TryRead(ref response, out var field);)
        {
            if (field.Number != GenerateContentResponse.CandidatesFieldNumber)
            {
                Add(field.Whole);
                continue;
            }

            Add(field.Tag);
            AddCandidate(field.Value, isChat: candidate++ == chatCandidate);
            Add([0]);
        }
    }

    private void AddCandidate(ReadOnlySpan<byte> candidate, bool isChat)
    {
        while (WireField.TryRead(ref candidate, out var field))
        {
            if (!isChat || field.Number != Candidate.ContentFieldNumber)
            {
                Add(field.Whole);
                continue;
            }

            Add(field.Tag);
            for (var content = field.Value; WireField.TryRead(ref content, out var member);)
            {
                if (member.Number != Content.PartsFieldNumber)
                {
                    Add(member.Whole);
                }
            }

            Add([0]);
        }
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }
}
