using GenAI.Chats.V1;

namespace GenAI.Chats.Client;

/// <content>Synchronous calls. Each blocks its thread until the service responds.</content>
public sealed partial class Chat
{
    /// <inheritdoc cref="SendMessageAsync"/>
    public TurnResponse SendMessage(Message message, SendOptions? options = null) => SendMessageAsync(message, options).Result();

    /// <inheritdoc cref="SendMessageStreamAsync"/>
    public IEnumerable<TurnChunk> SendMessageStream(Message message, SendOptions? options = null) =>
        SendMessageStreamAsync(message, options).Enumerate();

    /// <inheritdoc cref="ReadTurnAsync"/>
    public IEnumerable<TurnChunk> ReadTurn(string turnId, long afterOffset = 0) => ReadTurnAsync(turnId, afterOffset).Enumerate();

    /// <inheritdoc cref="GetHistoryAsync"/>
    public IReadOnlyList<Content> GetHistory(bool curated = false, long? revision = null) => GetHistoryAsync(curated, revision).Result();

    /// <inheritdoc cref="RecordHistoryAsync(Message, IEnumerable{Content}, bool, string?, long?, CancellationToken)"/>
    public V1.Chat RecordHistory(
        Message userInput, IEnumerable<Content> modelOutput, bool isValid = true, string? requestId = null, long? expectedRevision = null) =>
        RecordHistoryAsync(userInput, modelOutput, isValid, requestId, expectedRevision).Result();

    /// <inheritdoc cref="RecordHistoryAsync(IEnumerable{Content}, bool, string?, long?, CancellationToken)"/>
    public V1.Chat RecordHistory(IEnumerable<Content> contents, bool isValid = true, string? requestId = null, long? expectedRevision = null) =>
        RecordHistoryAsync(contents, isValid, requestId, expectedRevision).Result();

    /// <inheritdoc cref="GetAsync"/>
    public V1.Chat Get() => GetAsync().Result();

    /// <inheritdoc cref="UpdateAsync"/>
    public V1.Chat Update(ChatUpdate update) => UpdateAsync(update).Result();

    /// <inheritdoc cref="DeleteAsync"/>
    public void Delete(bool allowMissing = false, string? requestId = null) => DeleteAsync(allowMissing, requestId).GetAwaiter().GetResult();

    /// <inheritdoc cref="GetTurnAsync"/>
    public Turn GetTurn(string turnId) => GetTurnAsync(turnId).Result();

    /// <inheritdoc cref="CancelTurnAsync"/>
    public Turn CancelTurn(string turnId) => CancelTurnAsync(turnId).Result();
}
