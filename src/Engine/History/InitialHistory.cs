using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.History;

/// <summary>Puts the history that a chat is created with into its log.</summary>
internal static class InitialHistory
{
    // Pieces of a size that a page of the history can be read in.
    private const int MaxContents = 64;
    private const int MaxBytes = 256 * 1024;

    /// <summary>
    /// Splits contents into pieces of the log, in order, each content marked that curated history leaves out. An exchange whose function calls wait for their
    /// responses has pieces of its own, which are open.
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
