using System.Text;
using GenAI.Chats.V1;

namespace GenAI.Chats.Client.Turns;

/// <summary>
/// One candidate's answer as far as it was handed out, and how much of it another attempt has repeated. Where chunks begin and end does not matter: neighbouring
/// plain texts are one.
/// </summary>
internal sealed class AnswerTrack
{
    private readonly List<Piece> _pieces = [];

    // Where the other attempt is: a piece, and a place in its text.
    private int _piece;
    private int _place;

    /// <summary>Whether all that was handed out has been repeated.</summary>
    public bool IsRepeated => _piece == _pieces.Count || (_piece == _pieces.Count - 1 && _pieces[_piece].Text?.Length == _place);

    /// <summary>Another attempt begins.</summary>
    public void Rewind()
    {
        (_piece, _place) = (0, 0);
        _pieces.ForEach(piece => piece.Settle());
    }

    /// <summary>Takes a candidate of another attempt: takes out of it what is a repetition.</summary>
    /// <returns>False: it is no repetition.</returns>
    public bool TryRepeat(Candidate candidate)
    {
        var parts = candidate.Content?.Parts;
        while (parts is { Count: > 0 } && !IsRepeated)
        {
            if (!TryRepeat(parts[0], out var rest))
            {
                return false;
            }

            if (rest is null)
            {
                parts.RemoveAt(0);
            }
            else
            {
                parts[0] = rest;
            }
        }

        if (candidate.FinishReason.Length > 0 && !IsRepeated)
        {
            SkipText();
            var isSame = _piece < _pieces.Count && _pieces[_piece].FinishReason == candidate.FinishReason;
            _piece = _pieces.Count;
            candidate.FinishReason = "";
            return isSame;
        }

        return true;
    }

    /// <summary>Takes a candidate that is handed out.</summary>
    public void Add(Candidate candidate)
    {
        // Where nothing is added, another attempt may still have to repeat what is there.
        foreach (var part in candidate.Content?.Parts ?? [])
        {
            Add(part);
            (_piece, _place) = (_pieces.Count, 0);
        }

        if (candidate.FinishReason.Length > 0)
        {
            _pieces.Add(new Piece { FinishReason = candidate.FinishReason });
            (_piece, _place) = (_pieces.Count, 0);
        }
    }

    private static bool IsPlainText(Part part) =>
        part.DataCase == Part.DataOneofCase.Text && part.Equals(Plain(part.Text, part.HasThought ? part.Thought : null));

    private static Part Plain(string text, bool? thought)
    {
        var part = new Part { Text = text };
        if (thought is { } value)
        {
            part.Thought = value;
        }

        return part;
    }

    private void Add(Part part)
    {
        if (!IsPlainText(part))
        {
            _pieces.Add(new Piece { Part = part.Clone() });
        }
        else if (_pieces is [.., { Text: { } text } last] && last.Thought == part.Thought)
        {
            text.Append(part.Text);
        }
        else
        {
            _pieces.Add(new Piece { Text = new StringBuilder(part.Text), Thought = part.Thought });
        }
    }

    private bool TryRepeat(Part part, out Part? rest)
    {
        rest = null;
        if (IsPlainText(part) && part.Text.Length == 0)
        {
            return true;
        }

        SkipText();
        var piece = _pieces[_piece];
        if (piece.Settled is not { } text)
        {
            _piece++;
            return part.Equals(piece.Part);
        }

        if (!IsPlainText(part) || piece.Thought != part.Thought)
        {
            return false;
        }

        var length = Math.Min(part.Text.Length, text.Length - _place);
        if (!part.Text.AsSpan(0, length).SequenceEqual(text.AsSpan(_place, length)))
        {
            return false;
        }

        _place += length;
        rest = length < part.Text.Length ? Plain(part.Text[length..], part.HasThought ? part.Thought : null) : null;
        return true;
    }

    // Past a text that has been repeated whole.
    private void SkipText()
    {
        if (_piece < _pieces.Count && _pieces[_piece].Text?.Length == _place)
        {
            (_piece, _place) = (_piece + 1, 0);
        }
    }

    private sealed class Piece
    {
        public StringBuilder? Text { get; init; }

        public bool Thought { get; init; }

        public Part? Part { get; init; }

        public string? FinishReason { get; init; }

        /// <summary>The text in one piece.</summary>
        public string? Settled { get; private set; }

        public void Settle() => Settled = Text?.ToString();
    }
}
