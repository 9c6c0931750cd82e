namespace GenAI.Chats.Client;

/// <content>Synchronous calls. Each blocks its thread until the service responds. Nothing in this library resumes on the caller's context, so this can't deadlock.</content>
public sealed partial class Chat
{
    /// <inheritdoc cref="SendMessageAsync"/>
    public TurnResponse SendMessage(Message message, SendOptions? options = null) => SendMessageAsync(message, options).GetAwaiter().GetResult();

    /// <inheritdoc cref="SendMessageStreamAsync"/>
    public IEnumerable<TurnChunk> SendMessageStream(Message message, SendOptions? options = null) =>
        SendMessageStreamAsync(message, options).ToBlockingEnumerable();

    /// <inheritdoc cref="ReadTurnAsync"/>
    public IEnumerable<TurnChunk> ReadTurn(string turnId, long afterOffset = 0) => ReadTurnAsync(turnId, afterOffset).ToBlockingEnumerable();

    /// <inheritdoc cref="GetHistoryAsync"/>
    public IReadOnlyList<Content> GetHistory(bool curated = false, long? revision = null) => GetHistoryAsync(curated, revision).GetAwaiter().GetResult();

    /// <inheritdoc cref="RecordHistoryAsync(Message, IEnumerable{Content}, bool, string?, long?, CancellationToken)"/>
    public V1.Chat RecordHistory(
        Message userInput, IEnumerable<Content> modelOutput, bool isValid = true, string? requestId = null, long? expectedRevision = null) =>
        RecordHistoryAsync(userInput, modelOutput, isValid, requestId, expectedRevision).GetAwaiter().GetResult();

    /// <inheritdoc cref="RecordHistoryAsync(IEnumerable{Content}, bool, string?, long?, CancellationToken)"/>
    public V1.Chat RecordHistory(IEnumerable<Content> contents, bool isValid = true, string? requestId = null, long? expectedRevision = null) =>
        RecordHistoryAsync(contents, isValid, requestId, expectedRevision).GetAwaiter().GetResult();

    /// <inheritdoc cref="GetAsync"/>
    public V1.Chat Get() => GetAsync().GetAwaiter().GetResult();

    /// <inheritdoc cref="UpdateAsync"/>
    public V1.Chat Update(ChatUpdate update) => UpdateAsync(update).GetAwaiter().GetResult();

    /// <inheritdoc cref="DeleteAsync"/>
    public void Delete(bool allowMissing = false, string? requestId = null) => DeleteAsync(allowMissing, requestId).GetAwaiter().GetResult();

    /// <inheritdoc cref="GetTurnAsync"/>
    public Turn GetTurn(string turnId) => GetTurnAsync(turnId).GetAwaiter().GetResult();

    /// <inheritdoc cref="CancelTurnAsync"/>
    public Turn CancelTurn(string turnId) => CancelTurnAsync(turnId).GetAwaiter().GetResult();
}
