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
    public TurnInput Input { get; private init; }

    /// <summary>Gets the size of the input, in bytes.</summary>
    public int InputBytes { get; private init; }

    /// <summary>Gets the hash of the request. A retry has the same.</summary>
    public byte[] Hash { get; }

    /// <summary>Gets the client's ID of the request. Empty if it gave none.</summary>
    public string RequestId { get; }

    public BusyPolicy OnBusy { get; }

    /// <summary>Gets whether the turn opens a branch: it follows another turn than the head.</summary>
    public bool IsBranch => Input.Parent is not null || Input.RegeneratedTurnId.Length > 0;

    /// <summary>Returns the request with the message and the parent that it refers to. The hash stays.</summary>
    public TurnRequest Resolve(Content message, TurnInput.Types.Parent parent)
    {
        var input = Input.Clone();
        (input.Message, input.Parent) = (message, parent);
        return this with { Input = input, InputBytes = input.CalculateSize() };
    }

    /// <summary>Creates a request from a message to send.</summary>
    public static TurnRequest From(SendMessageRequest request, bool stream)
    {
        var message = request.InputCase switch
        {
            SendMessageRequest.InputOneofCase.Message => WithRole(request.Message, Curation.User),
            SendMessageRequest.InputOneofCase.Text => new Content { Role = Curation.User, Parts = { new Part { Text = request.Text } } },
            _ => null,
        };
        var input = new TurnInput
        {
            Message = message,
            Config = request.Config,
            Stream = stream,
            Model = request.Model,
            RegeneratedTurnId = request.RegenerateTurnId,
            Parent = request.HasAfterRevision ? new TurnInput.Types.Parent { Revision = request.AfterRevision } : null,
        };
        if (request.Config is not null)
        {
            input.ConfigMode = request.ConfigMode;
        }

        // The rest isn't part of the hash: a retry may ask for a stream, or have another deadline.
        var rest = new TurnInput
        {
            ConfigMode = Mode(input.ConfigMode),
            Model = input.Model,
            RegeneratedTurnId = input.RegeneratedTurnId,
            Parent = input.Parent,
        };
        var hash = CanonicalHash.Of(message, request.Config, rest);
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
        recorded.Output.Add(request.Contents);
        var message = request.UserInput is null ? null : WithRole(request.UserInput, Curation.User);
        var input = new TurnInput { Message = message, Recorded = recorded };
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
