namespace GenAI.Chats.Engine.History;

/// <summary>Splits the history that a chat is created with into pieces of its log.</summary>
internal static class InitialHistory
{
    // A page of the history is read in pieces of this size.
    private const int MaxContents = 64;
    private const int MaxBytes = 256 * 1024;

    /// <summary>
    /// Splits contents into pieces of the log, in order, and marks each content that isn't curated. An exchange with open function calls has its own pieces,
    /// which are open.
    /// </summary>
    public static IReadOnlyList<TurnRecord> Split(IReadOnlyList<Content> history, DateTimeOffset time)
    {
        var uncurated = Curation.Uncurated(history, out var open);
        var pieces = new List<TurnRecord>();
        var piece = new TurnOutcome();
        var bytes = 0;
        for (var i = 0; i < history.Count; i++)
        {
            if (uncurated.Contains(i))
            {
                piece.Uncurated.Add((uint)piece.Contents.Count);
            }

            piece.Contents.Add(history[i]);
            bytes += history[i].CalculateSize();
            if (i == history.Count - 1 || i + 1 == open || piece.Contents.Count == MaxContents || bytes >= MaxBytes)
            {
                piece.Open = i >= open;
                pieces.Add(Piece(pieces.Count + 1, piece, time));
                piece = new TurnOutcome();
                bytes = 0;
            }
        }

        return pieces;
    }

    private static TurnRecord Piece(int sequence, TurnOutcome outcome, DateTimeOffset time) => new()
    {
        Sequence = sequence,
        TurnId = "",
        RequestId = "",
        State = TurnState.Completed,
        Curated = !outcome.Open,
        CreateTime = time,
        EndTime = time,
        Input = new TurnInput(),
        Outcome = outcome,
    };
}
