using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.V1;
using Orleans.Concurrency;

namespace GenAI.Chats.Grains;

/// <summary>
/// A chat. Its key is <c>{tenant}/{chat_id}</c>. Requests have been checked for form before they come here.
/// </summary>
/// <remarks>
/// Each method is short; none lasts as long as a model does. All of them throw <see cref="ChatException"/> for what the client is to know, and
/// <see cref="ChatConflictException"/> when the same call is to be made again. What is passed and returned is never changed by either side;
/// A token that ends a read reaches the store. <c>[Immutable]</c> on the parameters saves each new grain reference the look-up of their copiers.
/// </remarks>
[Alias("GenAI.Chats.IChatGrain")]
public interface IChatGrain : IGrainWithStringKey
{
    /// <summary>Creates the chat with its initial history. Done again with the same request id it returns the chat.</summary>
    [Alias("Create")]
    [ResponseTimeout("00:00:10")]
    Task<Chat> CreateAsync([Immutable] CreateChatRequest request);

    /// <summary>The chat as the store has it.</summary>
    [Alias("Get")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<Chat> GetAsync(CancellationToken cancellationToken = default);

    /// <summary>Changes the settings that the mask lists.</summary>
    [Alias("Update")]
    [ResponseTimeout("00:00:10")]
    Task<Chat> UpdateAsync([Immutable] UpdateChatRequest request);

    /// <summary>
    /// Deletes the chat, its history, and what runs in it. Returns whether there was one. Done again with the same request id it deletes no other chat.
    /// </summary>
    [Alias("Delete")]
    [ResponseTimeout("00:00:10")]
    Task<bool> DeleteAsync(string requestId);

    /// <summary>
    /// Accepts a send: when this returns, the turn is durable and will end. A request id that the chat knows gives its turn again.
    /// </summary>
    [Alias("Send")]
    [ResponseTimeout("00:00:10")]
    ValueTask<AcceptedTurn> SendAsync([Immutable] SendMessageRequest request, bool stream);

    /// <summary>Accepts a turn that was generated elsewhere. It ends when the turns before it have ended.</summary>
    [Alias("Record")]
    [ResponseTimeout("00:00:10")]
    ValueTask<AcceptedTurn> RecordAsync([Immutable] RecordHistoryRequest request);

    /// <summary>
    /// A turn's events after an offset. Where there are none, and the turn has not ended, waits up to 5 s for new ones.
    /// </summary>
    [Alias("ReadTurn")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:07")]
    ValueTask<TurnEvents> ReadTurnAsync(string turnId, long afterOffset);

    /// <summary>A turn as it stands.</summary>
    [Alias("GetTurn")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<Turn> GetTurnAsync(string turnId, CancellationToken cancellationToken = default);

    /// <summary>Stops a queued or running turn, and returns it once it has ended.</summary>
    [Alias("CancelTurn")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<Turn> CancelTurnAsync(string turnId);

    /// <summary>A page of the chat's contents.</summary>
    [Alias("GetHistory")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<GetHistoryResponse> GetHistoryAsync([Immutable] GetHistoryRequest request, CancellationToken cancellationToken = default);

    /// <summary>Goes on with the chat's pending turns, if nobody does.</summary>
    [Alias("Wake")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task WakeAsync();
}
