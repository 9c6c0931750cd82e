using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>A validated request to append a turn.</summary>
internal sealed record TurnRequest
{
    private TurnRequest(TurnInput input, byte[] hash, string requestId, BusyPolicy onBusy)
    {
        input.TraceParent = ChatTracing.Accepting;
        (Input, InputBytes, Hash, RequestId, OnBusy) = (input, input.CalculateSize(), hash, requestId, onBusy);
    }

    /// <summary>Gets what is stored of the request, with the roles of its contents set.</summary>
    public TurnInput Input { get; }

    /// <summary>Gets the size of the input, in bytes.</summary>
    public int InputBytes { get; }

    /// <summary>Gets the hash of the request. A retry has the same.</summary>
    public byte[] Hash { get; }

    /// <summary>Gets the client's ID of the request. Empty if it gave none.</summary>
    public string RequestId { get; }

    public BusyPolicy OnBusy { get; }

    /// <summary>Creates a request from a message to send.</summary>
    public static TurnRequest From(SendMessageRequest request, bool stream)
    {
        var message = request.InputCase == SendMessageRequest.InputOneofCase.Message
            ? WithRole(request.Message, Curation.User)
            : new Content { Role = Curation.User, Parts = { new Part { Text = request.Text } } };
        var input = new TurnInput { Message = message, Config = request.Config, Stream = stream };
        if (request.Config is not null)
        {
            input.ConfigMode = request.ConfigMode;
        }

        // The rest isn't part of the hash: a retry may ask for a stream, or have another deadline.
        var hash = CanonicalHash.Of(message, request.Config, new TurnInput { ConfigMode = Mode(input.ConfigMode) });
        if (request.HasExpectedRevision)
        {
            input.ExpectedRevision = request.ExpectedRevision;
        }

        return new TurnRequest(input, hash, request.RequestId, request.OnBusy);
    }

    /// <summary>Creates a request from a turn that was generated elsewhere.</summary>
    public static TurnRequest From(RecordHistoryRequest request)
    {
        var recorded = new TurnInput.Types.Recorded { IsValid = request.IsValid };
        recorded.Output.Add(request.ModelOutput.Select(content => WithRole(content, Curation.Model)));
        var input = new TurnInput { Message = WithRole(request.UserInput, Curation.User), Recorded = recorded };
        var hash = CanonicalHash.Of(input);
        if (request.HasExpectedRevision)
        {
            input.ExpectedRevision = request.ExpectedRevision;
        }

        return new TurnRequest(input, hash, request.RequestId, BusyPolicy.Unspecified);
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
