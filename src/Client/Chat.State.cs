namespace GenAI.Chats.Client;

/// <content>The chat's history, turns, and settings.</content>
public sealed partial class Chat
{
    /// <summary>
    /// Gets the chat's contents, oldest first: the comprehensive history, or the curated one, which is sent to the model. The contents are copies.
    /// </summary>
    /// <param name="curated">Whether to get the curated history.</param>
    /// <param name="revision">The revision of the turn that the history ends with, on any branch. If null, the head.</param>
    /// <param name="cancellationToken">A token to cancel the call.</param>
    public async Task<IReadOnlyList<Content>> GetHistoryAsync(
        bool curated = false, long? revision = null, CancellationToken cancellationToken = default)
    {
        var history = new List<Content>();
        var request = new GetHistoryRequest { Name = Name, Curated = curated };
        if (revision is { } last)
        {
            request.Revision = last;
        }

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
    /// <param name="userInput">The user's message.</param>
    /// <param name="modelOutput">The model's response. If empty, an empty content is recorded, so that roles alternate.</param>
    /// <param name="isValid">Whether the turn is part of the curated history, too.</param>
    /// <param name="requestId">See <see cref="SendOptions.RequestId"/>.</param>
    /// <param name="expectedRevision">See <see cref="SendOptions.ExpectedRevision"/>.</param>
    /// <param name="cancellationToken">A token to cancel the call. The turn might still be recorded.</param>
    /// <returns>The chat's state, including the turn.</returns>
    public Task<V1.Chat> RecordHistoryAsync(
        Message userInput,
        IEnumerable<Content> modelOutput,
        bool isValid = true,
        string? requestId = null,
        long? expectedRevision = null,
        CancellationToken cancellationToken = default)
    {
        var request = new RecordHistoryRequest { UserInput = userInput.ToContent(), ModelOutput = { modelOutput }, IsValid = isValid };
        return RecordAsync(request, requestId, expectedRevision, cancellationToken);
    }

    /// <summary>Records contents of any roles, in any order, as one turn.</summary>
    /// <param name="contents">The contents.</param>
    /// <param name="isValid">Whether the turn is part of the curated history, too.</param>
    /// <param name="requestId">See <see cref="SendOptions.RequestId"/>.</param>
    /// <param name="expectedRevision">See <see cref="SendOptions.ExpectedRevision"/>.</param>
    /// <param name="cancellationToken">A token to cancel the call. The turn might still be recorded.</param>
    /// <returns>The chat's state, including the turn.</returns>
    public Task<V1.Chat> RecordHistoryAsync(
        IEnumerable<Content> contents,
        bool isValid = true,
        string? requestId = null,
        long? expectedRevision = null,
        CancellationToken cancellationToken = default) =>
        RecordAsync(new RecordHistoryRequest { Contents = { contents }, IsValid = isValid }, requestId, expectedRevision, cancellationToken);

    /// <summary>Gets the chat's settings and state: model, config, revision, usage, and the running turn.</summary>
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
    /// <param name="allowMissing">Whether the call succeeds if the chat doesn't exist.</param>
    /// <param name="requestId">
    /// The request ID. If a deletion is repeated with the same ID within a day, it doesn't delete a chat that was created with the same name since. If null, the
    /// client generates one for the call and its retries.
    /// </param>
    /// <param name="cancellationToken">A token to cancel the call. The chat might still be deleted.</param>
    public Task DeleteAsync(bool allowMissing = false, string? requestId = null, CancellationToken cancellationToken = default)
    {
        var request = new DeleteChatRequest { Name = Name, AllowMissing = allowMissing, RequestId = requestId ?? RequestIds.New() };
        return _calls.CallAsync(
            context => _calls.Stub.DeleteChatAsync(request, context), _calls.Options.CallTimeout, request.RequestId, cancellationToken);
    }

    /// <summary>Gets a queued, running, or ended turn. A turn that has ended has its message and output.</summary>
    public Task<Turn> GetTurnAsync(string turnId, CancellationToken cancellationToken = default) =>
        CallAsync(context => _calls.Stub.GetTurnAsync(new GetTurnRequest { Name = Name, TurnId = turnId }, context), cancellationToken);

    /// <summary>
    /// Cancels a queued or running turn. Its partial response doesn't become part of the curated history. A turn that has ended stays unchanged.
    /// </summary>
    /// <returns>The turn's state after the call.</returns>
    public Task<Turn> CancelTurnAsync(string turnId, CancellationToken cancellationToken = default) =>
        CallAsync(context => _calls.Stub.CancelTurnAsync(new CancelTurnRequest { Name = Name, TurnId = turnId }, context), cancellationToken);

    private Task<V1.Chat> RecordAsync(RecordHistoryRequest request, string? requestId, long? expectedRevision, CancellationToken cancellationToken)
    {
        (request.Name, request.RequestId) = (Name, requestId ?? RequestIds.New());
        if (expectedRevision is { } revision)
        {
            request.ExpectedRevision = revision;
        }

        return _calls.CallAsync(
            context => _calls.Stub.RecordHistoryAsync(request, context), _calls.Options.SendTimeout, request.RequestId, cancellationToken);
    }

    private Task<T> CallAsync<T>(Func<Grpc.Core.CallOptions, Grpc.Core.AsyncUnaryCall<T>> call, CancellationToken cancellationToken) =>
        _calls.CallAsync(call, _calls.Options.CallTimeout, requestId: null, cancellationToken);
}
