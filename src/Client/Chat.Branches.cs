using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace GenAI.Chats.Client;

/// <content>
/// Edits, branches, and forks. The turns of a chat form a tree; the history is the path to its head. A turn is identified by its ID, or by its revision.
/// </content>
public sealed partial class Chat
{
    /// <summary>
    /// Moves the head to a recorded turn, on any branch: rewinds the history, undoes a rewind, or switches to another branch. No turn is lost, unless
    /// <see cref="RewindOptions.Erase"/> is set.
    /// </summary>
    /// <param name="revision">The revision of the turn that the history then ends with. 0 is the initial history.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">A token to cancel the call. The head might still be moved.</param>
    /// <returns>The chat's state.</returns>
    public Task<V1.Chat> RewindAsync(long revision, RewindOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = (options ?? new RewindOptions()).ToRequest(Name, revision);
        return _calls.CallAsync(
            context => _calls.Stub.RewindChatAsync(request, context), _calls.Options.CallTimeout, request.RequestId, cancellationToken);
    }

    /// <inheritdoc cref="RewindAsync"/>
    public V1.Chat Rewind(long revision, RewindOptions? options = null) => RewindAsync(revision, options).GetAwaiter().GetResult();

    /// <summary>Creates a chat with the history and the settings of this one. No turn is copied, and the new chat outlives this one.</summary>
    /// <param name="revision">The revision of the turn that the new history ends with. If null, the head.</param>
    /// <param name="options">The new chat's ID, and settings to replace.</param>
    /// <param name="cancellationToken">A token to cancel the call. The chat might still be created.</param>
    /// <returns>The new chat.</returns>
    public async Task<Chat> ForkAsync(long? revision = null, ForkOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = (options ?? new ForkOptions()).ToRequest(Name, revision);
        var fork = await _calls.CallAsync(
            context => _calls.Stub.ForkChatAsync(request, context), _calls.Options.CallTimeout, request.RequestId, cancellationToken).ConfigureAwait(false);
        return new Chat(_calls, fork.Name);
    }

    /// <inheritdoc cref="ForkAsync"/>
    public Chat Fork(long? revision = null, ForkOptions? options = null) => ForkAsync(revision, options).GetAwaiter().GetResult();

    /// <summary>
    /// Replaces the message of a recorded turn: sends a message after the turns that the turn followed. If the new turn completes, it becomes the head, and the
    /// old turn stays on another branch. Otherwise, the history doesn't change.
    /// </summary>
    /// <param name="turnId">The ID of the turn that gets the new message.</param>
    /// <param name="message">The new message.</param>
    /// <param name="options">The options, or a config for this turn.</param>
    /// <param name="cancellationToken">A token to cancel the call. The turn continues, unless <see cref="SendOptions.CancelTurn"/> is set.</param>
    /// <exception cref="TurnException">The new turn failed or was canceled.</exception>
    /// <exception cref="ChatException">The turn doesn't exist or isn't recorded, or the service rejected the request or couldn't be reached.</exception>
    public async Task<TurnResponse> EditAsync(
        string turnId, Message message, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = Prepare(ref options, message);
        request.AfterRevision = await FindParentAsync(turnId, cancellationToken).ConfigureAwait(false);
        return await SendAsync(request, options, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="EditAsync"/>
    public TurnResponse Edit(string turnId, Message message, SendOptions? options = null) =>
        EditAsync(turnId, message, options).GetAwaiter().GetResult();

    /// <summary>Replaces the message of a recorded turn as <see cref="EditAsync"/>, and streams the response as <see cref="SendMessageStreamAsync"/>.</summary>
    /// <param name="turnId">The ID of the turn that gets the new message.</param>
    /// <param name="message">The new message.</param>
    /// <param name="options">The options, or a config for this turn.</param>
    /// <param name="cancellationToken">A token to cancel the stream. The turn continues, unless <see cref="SendOptions.CancelTurn"/> is set.</param>
    public IAsyncEnumerable<TurnChunk> EditStreamAsync(
        string turnId, Message message, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = Prepare(ref options, message);
        return StreamEditAsync(turnId, request, options, cancellationToken);
    }

    /// <inheritdoc cref="EditStreamAsync"/>
    public IEnumerable<TurnChunk> EditStream(string turnId, Message message, SendOptions? options = null) =>
        EditStreamAsync(turnId, message, options).ToBlockingEnumerable();

    /// <summary>
    /// Sends the message of a recorded turn again, after the turns that the turn followed. If the new turn completes, it becomes the head, and the old turn
    /// stays on another branch. Otherwise, the history doesn't change.
    /// </summary>
    /// <param name="turnId">The ID of the turn.</param>
    /// <param name="options">The options, such as another model or config.</param>
    /// <param name="cancellationToken">A token to cancel the call. The turn continues, unless <see cref="SendOptions.CancelTurn"/> is set.</param>
    /// <exception cref="TurnException">The new turn failed or was canceled.</exception>
    /// <exception cref="ChatException">The turn doesn't exist or isn't recorded, or the service rejected the request or couldn't be reached.</exception>
    public Task<TurnResponse> RegenerateAsync(string turnId, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = PrepareAgain(ref options, turnId);
        return SendAsync(request, options, cancellationToken);
    }

    /// <inheritdoc cref="RegenerateAsync"/>
    public TurnResponse Regenerate(string turnId, SendOptions? options = null) => RegenerateAsync(turnId, options).GetAwaiter().GetResult();

    /// <summary>
    /// Sends the message of a recorded turn again as <see cref="RegenerateAsync"/>, and streams the response as <see cref="SendMessageStreamAsync"/>.
    /// </summary>
    /// <param name="turnId">The ID of the turn.</param>
    /// <param name="options">The options, such as another model or config.</param>
    /// <param name="cancellationToken">A token to cancel the stream. The turn continues, unless <see cref="SendOptions.CancelTurn"/> is set.</param>
    public IAsyncEnumerable<TurnChunk> RegenerateStreamAsync(
        string turnId, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = PrepareAgain(ref options, turnId);
        return StreamAsync(request, options, cancellationToken);
    }

    /// <inheritdoc cref="RegenerateStreamAsync"/>
    public IEnumerable<TurnChunk> RegenerateStream(string turnId, SendOptions? options = null) =>
        RegenerateStreamAsync(turnId, options).ToBlockingEnumerable();

    /// <summary>
    /// Lists the recorded turns of the history, or of all branches. If the head moves to another branch in between, the list of the history can fail with
    /// INVALID_PAGE_TOKEN. To avoid that, set <see cref="ListTurnsOptions.Revision"/>.
    /// </summary>
    /// <param name="options">Which turns to list, in which order, and whether with their contents.</param>
    /// <param name="cancellationToken">A token to cancel the call.</param>
    public async IAsyncEnumerable<Turn> ListTurnsAsync(
        ListTurnsOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = (options ?? new ListTurnsOptions()).ToRequest(Name);
        do
        {
            var page = await CallAsync(context => _calls.Stub.ListTurnsAsync(request, context), cancellationToken).ConfigureAwait(false);
            foreach (var turn in page.Turns)
            {
                yield return turn;
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    /// <inheritdoc cref="ListTurnsAsync"/>
    public IEnumerable<Turn> ListTurns(ListTurnsOptions? options = null) => ListTurnsAsync(options).ToBlockingEnumerable();

    private SendMessageRequest PrepareAgain([NotNull] ref SendOptions? options, string turnId)
    {
        ArgumentException.ThrowIfNullOrEmpty(turnId);
        var request = Prepare(ref options, default);
        request.RegenerateTurnId = turnId;
        return request;
    }

    // A turn always follows the same turn, so a retry finds the same.
    private async Task<long> FindParentAsync(string turnId, CancellationToken cancellationToken)
    {
        var turn = await GetTurnAsync(turnId, cancellationToken).ConfigureAwait(false);
        return turn.Revision > 0
            ? turn.ParentRevision
            : throw new CallFailure(
                StatusCode.FailedPrecondition, $"Turn '{turnId}' isn't recorded, so its message can't be replaced. Send the message again.").ToException(null);
    }

    private async IAsyncEnumerable<TurnChunk> StreamEditAsync(
        string turnId, SendMessageRequest request, SendOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        request.AfterRevision = await FindParentAsync(turnId, cancellationToken).ConfigureAwait(false);
        await foreach (var chunk in StreamAsync(request, options, cancellationToken).ConfigureAwait(false))
        {
            yield return chunk;
        }
    }
}
