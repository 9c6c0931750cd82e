using GenAI.Chats.Engine.Watching;
using Orleans.Concurrency;

namespace GenAI.Chats.Grains;

/// <summary>
/// A chat. Its key is <c>{tenant}/{chat_id}</c>. The front door validates requests before it calls the grain.
/// </summary>
/// <remarks>
/// Each call is short: none lasts as long as a model call. All methods throw <see cref="ChatException"/> for errors that the client gets, and
/// <see cref="ChatConflictException"/> if the caller must repeat the call. Neither side changes parameters or results. A token that cancels a read reaches the
/// store. <c>[Immutable]</c> on a parameter spares each new grain reference the lookup of its copier.
/// </remarks>
[Alias("GenAI.Chats.IChatGrain")]
public interface IChatGrain : IGrainWithStringKey
{
    /// <summary>Creates the chat with its initial history. If the same request has created it before, returns the chat.</summary>
    [Alias("Create")]
    [ResponseTimeout("00:00:10")]
    Task<Chat> CreateAsync([Immutable] CreateChatRequest request);

    /// <summary>Returns the chat as the store has it.</summary>
    [Alias("Get")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<Chat> GetAsync(CancellationToken cancellationToken = default);

    /// <summary>Changes the settings in the update mask.</summary>
    [Alias("Update")]
    [ResponseTimeout("00:00:10")]
    Task<Chat> UpdateAsync([Immutable] UpdateChatRequest request);

    /// <summary>
    /// Deletes the chat and its history, and stops its turns. Returns whether there was such a chat. A retry with the same request ID deletes no other chat.
    /// </summary>
    [Alias("Delete")]
    [ResponseTimeout("00:00:10")]
    Task<bool> DeleteAsync(string requestId);

    /// <summary>
    /// Accepts a message: when this returns, the turn is durable and will end. If the chat has a turn with the request ID, returns that turn.
    /// </summary>
    [Alias("Send")]
    [ResponseTimeout("00:00:10")]
    ValueTask<AcceptedTurn> SendAsync([Immutable] SendMessageRequest request, bool stream);

    /// <summary>Accepts a turn that was generated elsewhere. It ends after the turns before it.</summary>
    [Alias("Record")]
    [ResponseTimeout("00:00:10")]
    ValueTask<AcceptedTurn> RecordAsync([Immutable] RecordHistoryRequest request);

    /// <summary>
    /// Returns a turn's events after an offset. If there are none and the turn hasn't ended, waits up to 5 s for new ones.
    /// </summary>
    [Alias("ReadTurn")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:07")]
    ValueTask<TurnEvents> ReadTurnAsync(string turnId, long afterOffset);

    /// <summary>
    /// Returns what happened in the chat after the position of the request's token. If nothing happened, waits up to 5 s. If a watch begins, returns the
    /// chat first, and doesn't wait.
    /// </summary>
    [Alias("Watch")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:07")]
    ValueTask<WatchEvents> WatchAsync([Immutable] WatchChatRequest request, bool isFirst);

    /// <summary>Returns a turn's current state.</summary>
    [Alias("GetTurn")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<Turn> GetTurnAsync(string turnId, CancellationToken cancellationToken = default);

    /// <summary>Returns the current state of the turn that has a request ID.</summary>
    [Alias("GetRequestedTurn")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<Turn> GetRequestedTurnAsync(string requestId, CancellationToken cancellationToken = default);

    /// <summary>Stops a queued or running turn, and returns it when it has ended.</summary>
    [Alias("CancelTurn")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<Turn> CancelTurnAsync(string turnId);

    /// <summary>Creates the chat with the turns of another chat of the tenant. If the same request has created it before, returns the chat.</summary>
    [Alias("Fork")]
    [ResponseTimeout("00:00:10")]
    Task<Chat> ForkAsync([Immutable] ForkChatRequest request);

    /// <summary>Moves the head to a recorded turn. If the same request has moved it before, returns the chat.</summary>
    [Alias("Rewind")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<Chat> RewindAsync([Immutable] RewindChatRequest request);

    /// <summary>Returns a page of the recorded turns.</summary>
    [Alias("ListTurns")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<ListTurnsResponse> ListTurnsAsync([Immutable] ListTurnsRequest request, CancellationToken cancellationToken = default);

    /// <summary>Returns a page of the history.</summary>
    [Alias("GetHistory")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<GetHistoryResponse> GetHistoryAsync([Immutable] GetHistoryRequest request, CancellationToken cancellationToken = default);

    /// <summary>Runs the chat's pending turns, if no server does.</summary>
    [Alias("Wake")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task WakeAsync();
}
