namespace GenAI.Chats.Engine.History;

/// <summary>Checks a turn's input against the history when the turn is accepted, and again when it starts.</summary>
internal static class TurnChecks
{
    /// <summary>Checks the revision that the client expects. Returns null if the chat has it.</summary>
    public static ChatException? Revision(TurnInput input, long revision) =>
        input.HasExpectedRevision && input.ExpectedRevision != revision ? ChatErrors.RevisionMismatch(input.ExpectedRevision, revision) : null;

    /// <summary>Returns the turn's first content, if it responds to function calls. Null if it doesn't.</summary>
    public static Content? Responding(TurnInput input) =>
        (input.Message ?? input.Recorded?.Output.FirstOrDefault()) is { } first && first.Role != Curation.Model && FunctionCalls.HasResponses(first)
            ? first
            : null;

    /// <summary>Checks that a content responds to the open function calls, which then are no longer open. Returns null if it does.</summary>
    public static ChatException? Responses(TurnInput input, Content responding, OpenCalls calls) =>
        calls.Answer(responding) is { } mismatch
            ? ChatErrors.FunctionResponseMismatch(input.Recorded is null ? "message" : input.Message is null ? "contents[0]" : "user_input", mismatch)
            : null;
}
