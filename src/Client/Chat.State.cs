using GenAI.Chats.Client.Calls;
using GenAI.Chats.V1;

namespace GenAI.Chats.Client;

/// <content>What the service keeps of the chat: its history, its turns, its settings.</content>
public sealed partial class Chat
{
    /// <summary>
    /// The chat's contents, oldest first: the comprehensive history, or the curated one, which is what the model is sent. They are copies; changing them changes
    /// nothing.
    /// </summary>
    public async Task<IReadOnlyList<Content>> GetHistoryAsync(bool curated = false, CancellationToken cancellationToken = default)
    {
        var history = new List<Content>();
        var request = new GetHistoryRequest { Name = Name, Curated = curated };
        do
        {
            var page = await _calls.CallAsync(
                context => _calls.Stub.GetHistoryAsync(request, context), _calls.Options.CallTimeout, null, cancellationToken).ConfigureAwait(false);
            history.AddRange(page.History);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        return history;
    }

    /// <summary>Records a turn that was generated elsewhere.</summary>
    /// <param name="userInput">What the user said.</param>
    /// <param name="modelOutput">What the model answered; none: an empty content of the model is recorded, so that roles alternate.</param>
    /// <param name="isValid">Whether the turn is part of the curated history too.</param>
    /// <param name="requestId">As <see cref="SendOptions.RequestId"/>.</param>
    /// <param name="expectedRevision">As <see cref="SendOptions.ExpectedRevision"/>.</param>
    /// <param name="cancellationToken">Ends the wait; the turn may have been recorded even so.</param>
    /// <returns>The chat's state with the turn.</returns>
    public Task<V1.Chat> RecordHistoryAsync(
        Message userInput,
        IEnumerable<Content> modelOutput,
        bool isValid = true,
        string? requestId = null,
        long? expectedRevision = null,
        CancellationToken cancellationToken = default)
    {
        var request = new RecordHistoryRequest
        {
            Name = Name,
            UserInput = userInput.ToContent(),
            ModelOutput = { modelOutput },
            IsValid = isValid,
            RequestId = requestId ?? RequestIds.New(),
        };
        if (expectedRevision is { } revision)
        {
            request.ExpectedRevision = revision;
        }

        return _calls.CallAsync(
            context => _calls.Stub.RecordHistoryAsync(request, context), _calls.Options.SendTimeout, request.RequestId, cancellationToken);
    }

    /// <summary>The chat's settings and state: model, config, revision, usage, the running turn.</summary>
    public Task<V1.Chat> GetAsync(CancellationToken cancellationToken = default) =>
        CallAsync(context => _calls.Stub.GetChatAsync(new GetChatRequest { Name = Name }, context), cancellationToken);

    /// <summary>Changes the chat's settings.</summary>
    public Task<V1.Chat> UpdateAsync(ChatUpdate update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(update);
        var request = update.ToRequest(Name);
        return CallAsync(context => _calls.Stub.UpdateChatAsync(request, context), cancellationToken);
    }

    /// <summary>Deletes the chat and its history.</summary>
    /// <param name="allowMissing">Whether it is fine that there is no such chat.</param>
    /// <param name="cancellationToken">Ends the wait; the chat may have been deleted even so.</param>
    public Task DeleteAsync(bool allowMissing = false, CancellationToken cancellationToken = default)
    {
        var request = new DeleteChatRequest { Name = Name, AllowMissing = allowMissing, RequestId = Guid.CreateVersion7().ToString("N") };
        return CallAsync(context => _calls.Stub.DeleteChatAsync(request, context), cancellationToken);
    }

    /// <summary>A turn, queued, running or ended.</summary>
    public Task<Turn> GetTurnAsync(string turnId, CancellationToken cancellationToken = default) =>
        CallAsync(context => _calls.Stub.GetTurnAsync(new GetTurnRequest { Name = Name, TurnId = turnId }, context), cancellationToken);

    /// <summary>Stops a turn that is queued or running; what it has said so far stays out of the curated history. One that has ended stays as it is.</summary>
    /// <returns>The turn as it is then.</returns>
    public Task<Turn> CancelTurnAsync(string turnId, CancellationToken cancellationToken = default) =>
        CallAsync(context => _calls.Stub.CancelTurnAsync(new CancelTurnRequest { Name = Name, TurnId = turnId }, context), cancellationToken);

    private Task<T> CallAsync<T>(Func<Grpc.Core.CallOptions, Grpc.Core.AsyncUnaryCall<T>> call, CancellationToken cancellationToken) =>
        _calls.CallAsync(call, _calls.Options.CallTimeout, requestId: null, cancellationToken);
}
