using GenAI.Chats.V1;

namespace GenAI.Chats.Client.Tests.Support;

/// <summary>Creates events of turns, with offsets as from the service.</summary>
internal static class Events
{
    public const string TurnId = "turn-1";

    /// <summary>Creates the events of an attempt, with one chunk for each text.</summary>
    public static IReadOnlyList<TurnEvent> Attempt(int attempt, params string[] texts) =>
        Attempt(attempt, [.. texts.Select((text, i) => Chunk(i == texts.Length - 1 ? "STOP" : "", new Part { Text = text }))]);

    /// <summary>Creates the events of an attempt.</summary>
    public static IReadOnlyList<TurnEvent> Attempt(int attempt, params GenerateContentResponse[] chunks) => Number(attempt,
    [
        new TurnEvent { Started = Turn(attempt, V1.Turn.Types.State.Running) },
        .. chunks.Select(chunk => new TurnEvent { Chunk = chunk }),
        new TurnEvent { Ended = Turn(attempt, V1.Turn.Types.State.Completed) },
    ]);

    /// <summary>Creates the events of an attempt that fails after some texts.</summary>
    public static IReadOnlyList<TurnEvent> Failure(int attempt, Turn.Types.Error error, params string[] texts)
    {
        var ended = Turn(attempt, V1.Turn.Types.State.Failed);
        ended.Error = error;
        return Number(attempt,
        [
            new TurnEvent { Started = Turn(attempt, V1.Turn.Types.State.Running) },
            .. texts.Select(text => new TurnEvent { Chunk = Chunk("", new Part { Text = text }) }),
            new TurnEvent { Ended = ended },
        ]);
    }

    /// <summary>Creates a chunk with one candidate.</summary>
    public static GenerateContentResponse Chunk(string finishReason, params Part[] parts) => new()
    {
        Candidates = { new Candidate { Content = new Content { Role = "model", Parts = { parts } }, FinishReason = finishReason } },
    };

    public static Turn Turn(int attempt, Turn.Types.State state) => new() { TurnId = TurnId, Attempt = attempt, State = state };

    private static TurnEvent[] Number(int attempt, TurnEvent[] events)
    {
        for (var i = 0; i < events.Length; i++)
        {
            events[i].Offset = ((attempt - 1) * 1_000_000_000L) + 1 + i;
        }

        return events;
    }
}
