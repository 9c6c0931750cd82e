namespace GenAI.Chats.Engine.Sessions;

/// <summary>One chat in one activation: what clients can do with it.</summary>
/// <remarks>
/// Call the members on one scheduler, one at a time between awaits. Writes pass through one lock, so that each knows the outcome of the one before. All members
/// throw <see cref="ChatException"/> if the request can't be served, which then did nothing, and <see cref="ChatConflictException"/> if the call must be
/// repeated with a new session.
/// </remarks>
public interface IChatSession
{
    /// <summary>Gets whether the chat exists, as far as the session knows.</summary>
    bool Exists { get; }

    /// <summary>Gets whether no turn is pending, as far as the session knows.</summary>
    bool IsIdle { get; }

    /// <summary>Reads the chat, and runs its pending turns.</summary>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Closes the session because the activation ends. The running turn is stopped and released, without waiting for it. Other servers find the pending
    /// turns by their owner, and this server by its list of orphans.
    /// </summary>
    void Close();

    /// <summary>Runs the chat's pending turns, if no server does.</summary>
    /// <returns>Whether the chat has pending turns.</returns>
    Task<bool> WakeAsync();

    /// <summary>
    /// Appends a turn to the chat's log. When this returns, the turn is durable, and will end even if the caller, this process, or this machine fails. If the
    /// log has a turn with the request ID, returns that turn.
    /// </summary>
    /// <param name="request">The message.</param>
    /// <param name="stream">Whether the model is asked for a stream of chunks.</param>
    Task<AcceptedTurn> SendAsync(SendMessageRequest request, bool stream);

    /// <summary>Appends a turn that was generated elsewhere. As <see cref="SendAsync"/>.</summary>
    Task<AcceptedTurn> RecordAsync(RecordHistoryRequest request);

    /// <summary>Returns a turn's events after an offset. Waits up to 5 s for the next event if no event follows and the turn hasn't ended.</summary>
    Task<TurnEvents> ReadTurnAsync(string turnId, long afterOffset);

    /// <summary>Returns what happened after the position of the request's token. If nothing happened, waits up to 5 s for the next event.</summary>
    /// <param name="request">The token, and which events are wanted. The name isn't used.</param>
    /// <param name="isFirst">Whether a watch begins: the first event is the chat as the store has it, and the call doesn't wait.</param>
    Task<WatchEvents> WatchAsync(WatchChatRequest request, bool isFirst);

    /// <summary>
    /// Returns a turn as the store has it, even while it runs here: this server might have been suspended, and another server might have ended the turn.
    /// </summary>
    Task<Turn> GetTurnAsync(string turnId, CancellationToken cancellationToken);

    /// <summary>Returns the turn that has a request ID, as <see cref="GetTurnAsync"/>.</summary>
    Task<Turn> GetRequestedTurnAsync(string requestId, CancellationToken cancellationToken);

    /// <summary>
    /// Stops a turn that is queued or running. A turn that has ended stays as it is. Returns when the turn has ended, and the end is durable. The stop of a
    /// running turn is durable first: the turn's server gets it with its next heartbeat, and a server that recovers the turn ends it.
    /// </summary>
    Task<Turn> CancelTurnAsync(string turnId, CancellationToken cancellationToken);

    /// <summary>Creates the chat. If the same request has created it before, returns the chat.</summary>
    Task<Chat> CreateAsync(CreateChatRequest request);

    /// <summary>Creates the chat with the turns of another one. If the same request has created it before, returns the chat.</summary>
    Task<Chat> ForkAsync(ForkChatRequest request, ChatKey source);

    /// <summary>Returns the chat as the store has it.</summary>
    Task<Chat> GetAsync(CancellationToken cancellationToken);

    /// <summary>Moves the head to a recorded turn. If the same request has moved it before, does nothing.</summary>
    Task<Chat> RewindAsync(RewindChatRequest request, CancellationToken cancellationToken);

    /// <summary>Changes the settings in the update mask. Turns that start later run with them.</summary>
    Task<Chat> UpdateAsync(UpdateChatRequest request);

    /// <summary>
    /// Deletes the chat and its history. A running turn is stopped and leaves nothing. If the same request has deleted the chat before, deletes nothing more.
    /// </summary>
    /// <returns>Whether there was such a chat.</returns>
    Task<bool> DeleteAsync(string requestId);

    /// <summary>Returns a page of the history.</summary>
    Task<GetHistoryResponse> GetHistoryAsync(GetHistoryRequest request, CancellationToken cancellationToken);

    /// <summary>Returns a page of the recorded turns.</summary>
    Task<ListTurnsResponse> ListTurnsAsync(ListTurnsRequest request, CancellationToken cancellationToken);
}

/// <summary>Creates the sessions of a process.</summary>
public interface IChatSessions
{
    /// <summary>Creates a session of a chat. <see cref="IChatSession.OpenAsync"/> must follow.</summary>
    IChatSession Create(ChatKey key, ISessionHost host);
}
