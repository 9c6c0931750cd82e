using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>A send, or a turn to record, as a chat takes it: checked, its role filled in.</summary>
internal sealed record TurnRequest
{
    /// <summary>What the turn is made of.</summary>
    public required TurnInput Input { get; init; }

    /// <summary>The client's id; empty when it gave none.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>What is asked for, hashed.</summary>
    public required byte[] Hash { get; init; }

    public long? ExpectedRevision { get; init; }

    public BusyPolicy OnBusy { get; init; }

    /// <summary>Whether the message answers function calls.</summary>
    public bool AnswersCalls => FunctionCalls.HasResponses(Input.Message);

    /// <summary>The request's field that the message of a turn is in.</summary>
    public static string MessageField(TurnInput input) => input.Recorded is null ? "message" : "user_input";

    /// <summary>Takes a send.</summary>
    public static TurnRequest From(SendMessageRequest request, bool stream)
    {
        var message = request.InputCase == SendMessageRequest.InputOneofCase.Message
            ? request.Message
            : new Content { Parts = { new Part { Text = request.Text } } };
        if (message.Role.Length == 0)
        {
            message = message.Clone();
            message.Role = Curation.User;
        }

        var input = new TurnInput { Message = message, Config = request.Config, Stream = stream };
        if (request.Config is not null)
        {
            input.ConfigMode = request.ConfigMode;
        }

        // Not part of what is asked for: a retry may come as a stream, or with another deadline.
        var hash = CanonicalHash.Of(message, request.Config, new TurnInput { ConfigMode = Mode(input.ConfigMode) });
        if (request.HasExpectedRevision)
        {
            input.ExpectedRevision = request.ExpectedRevision;
        }

        return new TurnRequest
        {
            Input = input,
            RequestId = request.RequestId,
            Hash = hash,
            ExpectedRevision = request.HasExpectedRevision ? request.ExpectedRevision : null,
            OnBusy = request.OnBusy,
        };
    }

    /// <summary>Takes a turn that was generated elsewhere.</summary>
    public static TurnRequest From(RecordHistoryRequest request)
    {
        var recorded = new TurnInput.Types.Recorded { IsValid = request.IsValid };
        recorded.Output.Add(request.ModelOutput);
        var input = new TurnInput { Message = WithRole(request.UserInput, Curation.User), Recorded = recorded };
        for (var i = 0; i < recorded.Output.Count; i++)
        {
            recorded.Output[i] = WithRole(recorded.Output[i], Curation.Model);
        }

        var hash = CanonicalHash.Of(input);
        if (request.HasExpectedRevision)
        {
            input.ExpectedRevision = request.ExpectedRevision;
        }

        return new TurnRequest
        {
            Input = input,
            RequestId = request.RequestId,
            Hash = hash,
            ExpectedRevision = request.HasExpectedRevision ? request.ExpectedRevision : null,
        };
    }

    private static SendMessageRequest.Types.ConfigMode Mode(SendMessageRequest.Types.ConfigMode mode) =>
        mode == SendMessageRequest.Types.ConfigMode.Unspecified ? SendMessageRequest.Types.ConfigMode.Replace : mode;

    private static Content WithRole(Content content, string role)
    {
        if (content.Role.Length > 0)
        {
            return content;
        }

        var filled = content.Clone();
        filled.Role = role;
        return filled;
    }
}
