using GenAI.Chats.V1;

namespace GenAI.Chats.Console.Tests.Support;

/// <summary>Creates events of turns.</summary>
internal static class Events
{
    public const string TurnId = "turn-1";

    private const long AttemptSize = 1_000;

    /// <summary>Creates the events of a completed turn.</summary>
    /// <param name="parts">The parts of the response, one for each chunk.</param>
    /// <param name="finishReason">The finish reason of the last chunk.</param>
    public static IReadOnlyList<TurnEvent> Of(IReadOnlyList<Part> parts, string finishReason = "STOP") =>
        [.. Begun(1, [.. parts.SkipLast(1)]), .. Rest(1, parts.Count, Chunk(parts[^1], finishReason))];

    /// <summary>Creates the events of a turn that is restarted after its first parts.</summary>
    public static IReadOnlyList<TurnEvent> Restarted(IReadOnlyList<Part> first, Part second) =>
        [.. Begun(1, first), .. Begun(2, []), .. Rest(2, 1, Chunk(second, "STOP"))];

    /// <summary>Creates the events of a turn that fails.</summary>
    public static IReadOnlyList<TurnEvent> Failed(string reason, string message) =>
    [
        .. Begun(1, []),
        new TurnEvent
        {
            Offset = AttemptSize + 2,
            Ended = new Turn
            {
                TurnId = TurnId,
                Attempt = 1,
                State = Turn.Types.State.Failed,
                Error = new Turn.Types.Error { Code = (int)Google.Rpc.Code.FailedPrecondition, Reason = reason, Message = message },
            },
        },
    ];

    public static Part Text(string text) => new() { Text = text };

    private static IEnumerable<TurnEvent> Begun(int attempt, IReadOnlyList<Part> parts) =>
    [
        new TurnEvent { Offset = (attempt * AttemptSize) + 1, Started = new Turn { TurnId = TurnId, Attempt = attempt } },
        .. parts.Select((part, i) => new TurnEvent { Offset = (attempt * AttemptSize) + 2 + i, Chunk = Chunk(part, "") }),
    ];

    private static IEnumerable<TurnEvent> Rest(int attempt, int position, GenerateContentResponse last) =>
    [
        new TurnEvent { Offset = (attempt * AttemptSize) + 1 + position, Chunk = last },
        new TurnEvent
        {
            Offset = (attempt * AttemptSize) + 2 + position,
            Ended = new Turn { TurnId = TurnId, Attempt = attempt, State = Turn.Types.State.Completed },
        },
    ];

    private static GenerateContentResponse Chunk(Part part, string finishReason) => new()
    {
        Candidates = { new Candidate { Content = new Content { Role = "model", Parts = { part } }, FinishReason = finishReason } },
    };
}
