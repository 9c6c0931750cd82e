namespace GenAI.Chats.Models.Responses;

/// <summary>
/// Joins characters that a stream splits between two texts: half of a surrogate pair at the end of a text is kept for the candidate's next text. If the
/// other half doesn't arrive, U+FFFD replaces the character.
/// </summary>
internal sealed class HalfPairs
{
    // By candidate index. Null in nearly all streams.
    private Dictionary<int, Half>? _held;

    /// <summary>Fixes the texts of the next response in place.</summary>
    /// <param name="response">The response.</param>
    /// <param name="isWhole">Whether it is the last response.</param>
    public void Fix(GenerateContentResponse response, bool isWhole)
    {
        // Not foreach: its enumerator would be an object for each response.
        for (var i = 0; i < response.Candidates.Count; i++)
        {
            var candidate = response.Candidates[i];
            if (candidate.Content is not null || _held is not null)
            {
                Fix(candidate, isWhole || candidate.FinishReason.Length > 0);
            }
        }
    }

    private void Fix(Candidate candidate, bool isLast)
    {
        Half? held = _held?.Remove(candidate.Index, out var known) == true ? known : null;
        var parts = candidate.Content?.Parts;
        for (var i = 0; i < parts?.Count; i++)
        {
            var part = parts[i];
            var text = part.DataCase == Part.DataOneofCase.Text ? part.Text : null;
            if (held is { } half)
            {
                if (text is null || part.Thought != half.IsThought)
                {
                    parts.Insert(i++, half.ToPart());
                }
                else
                {
                    text = half.Character + text;
                }

                held = null;
            }

            if (text is { Length: > 0 })
            {
                if (char.IsHighSurrogate(text[^1]))
                {
                    held = new Half(text[^1], part.Thought);
                    text = text[..^1];
                }

                part.Text = Unicode.Fix(text);
            }
        }

        if (held is { } rest)
        {
            Keep(candidate, rest, isLast);
        }
    }

    private void Keep(Candidate candidate, Half half, bool isLast)
    {
        if (!isLast)
        {
            (_held ??= [])[candidate.Index] = half;
            return;
        }

        candidate.Content ??= new Content { Role = "model" };
        var parts = candidate.Content.Parts;
        if (parts.Count > 0 && parts[^1].DataCase == Part.DataOneofCase.Text && parts[^1].Thought == half.IsThought)
        {
            parts[^1].Text += Unicode.Replacement;
        }
        else
        {
            parts.Add(half.ToPart());
        }
    }

    private readonly record struct Half(char Character, bool IsThought)
    {
        // For a missing other half.
        public Part ToPart() => IsThought ? new Part { Text = Unicode.Replacement, Thought = true } : new Part { Text = Unicode.Replacement };
    }
}
