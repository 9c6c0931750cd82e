using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.Engine.History;

/// <summary>Checks a turn's input against the history when the turn is accepted, and again when it starts.</summary>
internal static class TurnChecks
{
    /// <summary>Checks the revision that the client expects. Returns null if the chat has it.</summary>
    public static ChatException? Revision(TurnInput input, long revision) =>
        input.HasExpectedRevision && input.ExpectedRevision != revision ? ChatErrors.RevisionMismatch(input.ExpectedRevision, revision) : null;

    /// <summary>Checks that the message responds to the open function calls, which then are no longer open. Returns null if it does.</summary>
    public static ChatException? Responses(TurnInput input, OpenCalls calls) =>
        calls.Answer(input.Message) is { } mismatch
            ? ChatErrors.FunctionResponseMismatch(input.Recorded is null ? "message" : "user_input", mismatch)
            : null;
}
