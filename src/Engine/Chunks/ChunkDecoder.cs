namespace GenAI.Chats.Engine.Chunks;

/// <summary>Restores a model's responses from the output of <see cref="ChunkEncoder"/>.</summary>
internal static class ChunkDecoder
{
    /// <summary>Returns the responses in order, each as the model sent it.</summary>
    /// <param name="chunks">The stored differences of each response.</param>
    /// <param name="contents">The contents with the parts of all responses.</param>
    public static IEnumerable<GenerateContentResponse> Decode(IEnumerable<Chunk> chunks, IReadOnlyList<Content> contents)
    {
        var frame = new GenerateContentResponse();
        var content = 0;
        var parts = new PartReader(contents.Count > 0 ? contents[0] : null);
        foreach (var chunk in chunks)
        {
            if (chunk.NextContent)
            {
                frame = new GenerateContentResponse();
                parts = new PartReader(contents[++content]);
            }

            Apply(chunk, frame);
            var response = frame.Clone();
            if (chunk.Pieces.Count > 0)
            {
                var target = ChunkEncoder.ChatCandidate(response)!.Content.Parts;
                for (var i = 0; i < chunk.Pieces.Count; i += 2)
                {
                    target.Add(parts.Next(chunk.Pieces[i], chunk.Pieces[i + 1]));
                }
            }

            yield return response;
        }
    }

    private static void Apply(Chunk chunk, GenerateContentResponse frame)
    {
        foreach (var number in chunk.Cleared)
        {
            GenerateContentResponse.Descriptor.FindFieldByNumber((int)number)?.Accessor.Clear(frame);
        }

        if (chunk.Changed is not { } changed)
        {
            return;
        }

        foreach (var field in GenerateContentResponse.Descriptor.Fields.InDeclarationOrder())
        {
            if (ProtoFields.IsSet(changed, field))
            {
                field.Accessor.Clear(frame);
                ProtoFields.Copy(changed, frame, field);
            }
        }
    }

    // Iterates over a content's parts, and over the text of each part.
    private sealed class PartReader(Content? content)
    {
        private int _index = -1;
        private int _position;

        public Part Next(uint advance, uint length)
        {
            if (advance > 0)
            {
                _index += (int)advance;
                _position = 0;
            }

            var part = content!.Parts[_index].Clone();
            if (length > 0)
            {
                var units = (int)length - 1;
                part.Text = part.Text.Substring(_position, units);
                _position += units;
            }

            return part;
        }
    }
}
