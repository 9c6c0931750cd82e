namespace GenAI.Chats.Engine.Storage;

/// <summary>A durable log of turns for each chat. A store appends to a log; it never rewrites a history.</summary>
/// <remarks>
/// <para><b>Atomic and durable.</b> A store commits each step as a whole. When the task of <see cref="ApplyAsync"/> has completed, the
/// step survives a crash of the process and of the machine. If the store throws <see cref="ChatConflictException"/> or
/// <see cref="ChatLimitException"/>, it did nothing. After any other exception the outcome is unknown, and the caller must read the chat
/// again before it continues. Steps can't be canceled, because the outcome of a canceled commit would be unknown.</para>
/// <para><b>Preconditions.</b> Each step states what it expects, and the store checks it in the same commit. These preconditions alone
/// prevent two activations, two processes, or a host that was frozen from both writing. None depends on a clock that two machines
/// share.</para>
/// <para><b>Cost.</b> The cost of a step doesn't depend on the length of the log. A step writes the bytes of its turn at most twice.</para>
/// <para><b>Reads</b> see every step that had completed when the read began. The caller owns the records that a read returns, and must
/// not change the records that it passes in until the task has completed.</para>
/// <para>All members can be called concurrently.</para>
/// </remarks>
public interface IChatStore
{
    /// <summary>Applies a step to a chat.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="step">The step.</param>
    /// <returns>The result. It isn't <see cref="StepResult.Applied"/> if the same request was applied before.</returns>
    /// <exception cref="ChatConflictException">A precondition of the step doesn't hold, or the chat doesn't exist.</exception>
    /// <exception cref="ChatLimitException">The tenant has the maximum number of chats.</exception>
    /// <exception cref="ChatStoreException">The store failed. The outcome is unknown.</exception>
    /// <exception cref="ArgumentException">The step isn't valid, whatever the store holds; see <see cref="StepValidation"/>.</exception>
#pragma warning disable CA1716 // Step is a keyword of Visual Basic.
    Task<StepResult> ApplyAsync(ChatKey key, ChatStep step);
#pragma warning restore CA1716

    /// <summary>Reads a chat's head and its pending turns, without their inputs, at one instant.</summary>
    /// <returns>Null if the chat doesn't exist.</returns>
    Task<ChatSnapshot?> LoadAsync(ChatKey key, CancellationToken cancellationToken);

    /// <summary>Reads a turn by its ID, without its input. IDs of turns and requests are compared by code units.</summary>
    /// <returns>Null if the turn doesn't exist, or was erased. The turns of a fork include the turns it has from its source.</returns>
    Task<TurnRecord?> FindTurnAsync(ChatKey key, string turnId, CancellationToken cancellationToken);

    /// <summary>Reads the input of a turn.</summary>
    /// <returns>Null if the turn doesn't exist.</returns>
    Task<Records.TurnInput?> ReadInputAsync(ChatKey key, string turnId, CancellationToken cancellationToken);

    /// <summary>Reads the recorded turn that has a revision, without its input.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="range">A part of the log that contains the turn, and in which revisions increase.</param>
    /// <param name="cancellationToken">A token to cancel the read.</param>
    /// <returns>Null if the turn doesn't exist, or was erased.</returns>
    /// <remarks>The cost grows at most with the logarithm of the range, apart from turns in it that weren't recorded.</remarks>
    Task<TurnRecord?> FindRevisionAsync(ChatKey key, long revision, SequenceRange range, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the turn or the change of the head that has a request ID. Turns that a fork has from its source have no request ID there. A turn that was
    /// erased has its request ID, but may have no input and no outcome.
    /// </summary>
    /// <returns>Null if no turn has it.</returns>
    Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken);

    /// <summary>Reads the progress of a pending turn, in order.</summary>
    /// <returns>An empty list if the turn doesn't exist.</returns>
    Task<IReadOnlyList<Records.TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken);

    /// <summary>Reads turns, in the order of the log. Turns that were erased aren't read.</summary>
    /// <returns>Null if the chat doesn't exist, or has another incarnation than the range requires.</returns>
    Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken);

    /// <summary>Lists a tenant's chats. The chat that changed last comes first.</summary>
    Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken);
}
