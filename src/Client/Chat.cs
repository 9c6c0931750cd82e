using System.Runtime.CompilerServices;
using GenAI.Chats.Client.Calls;
using GenAI.Chats.Client.Turns;
using GenAI.Chats.V1;

namespace GenAI.Chats.Client;

/// <summary>
/// A chat. It lives in the service: this object only knows its name, and any number of them, in any number of programs, may be used at once, from any thread.
/// The service runs the sends of a chat one at a time, in the order in which they arrive.
/// </summary>
/// <remarks>
/// Each call is made again when the connection or the server goes away, with pauses that grow, for as long as <see cref="ChatsClientOptions"/> say; what is
/// sent carries a request id, so that it is done once. Every call may throw <see cref="ChatException"/>, or one of its kinds.
/// </remarks>
public sealed partial class Chat
{
    private const string Prefix = "chats/";

    private readonly ChatsCalls _calls;

    internal Chat(ChatsCalls calls, string name) => (_calls, Name) = (calls, name);

    /// <summary>The chat's name, <c>chats/{chat_id}</c>.</summary>
    public string Name { get; }

    /// <summary>The chat's id.</summary>
    public string Id => Name[Prefix.Length..];

    /// <summary>Sends a message, and returns the answer once the turn is durable.</summary>
    /// <param name="message">A string, part, parts, or content.</param>
    /// <param name="options">How it is sent; a config can stand here.</param>
    /// <param name="cancellationToken">Ends the wait. What becomes of the turn: <see cref="SendOptions.CancelTurn"/>.</param>
    /// <exception cref="TurnException">The turn failed or was cancelled.</exception>
    /// <exception cref="ChatException">The service refuses, or could not be reached.</exception>
    public async Task<TurnResponse> SendMessageAsync(Message message, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SendOptions();
        options.Validate();
        var request = options.ToRequest(Name, message);
        var isOver = false;
        try
        {
            var sent = await _calls.CallAsync(
                context => _calls.Stub.SendMessageAsync(request, context), TimeoutOf(options), request.RequestId, cancellationToken).ConfigureAwait(false);
            isOver = true;
            return new TurnResponse(sent);
        }
        catch (ChatException failure) when (failure is not ChatTimeoutException)
        {
            isOver = true;
            throw;
        }
        finally
        {
            if (options.CancelTurn && !isOver)
            {
                await _calls.CancelAsync(request, turnId: null).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Sends a message, and gives the answer in chunks as the model yields them. Nothing is sent before the first chunk is asked for. When the stream has
    /// ended the turn is durable. Enumerated once more, it replays the same turn.
    /// </summary>
    /// <param name="message">A string, part, parts, or content.</param>
    /// <param name="options">How it is sent; a config can stand here.</param>
    /// <param name="cancellationToken">Ends the stream. What becomes of the turn: <see cref="SendOptions.CancelTurn"/>.</param>
    /// <exception cref="TurnRestartedException">The turn started over, with another answer than the one begun.</exception>
    /// <exception cref="TurnException">The turn failed or was cancelled.</exception>
    /// <exception cref="ChatException">The service refuses, or could not be reached.</exception>
    public IAsyncEnumerable<TurnChunk> SendMessageStreamAsync(
        Message message, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SendOptions();
        options.Validate();
        return StreamAsync(options.ToRequest(Name, message), options, cancellationToken);
    }

    /// <summary>
    /// Reads a turn's answer in chunks: joins a turn that runs, or replays one that has ended, in this program or any other.
    /// </summary>
    /// <param name="turnId">The turn, as <see cref="TurnChunk.TurnId"/> says.</param>
    /// <param name="afterOffset">
    /// The last chunk that is known, as <see cref="TurnChunk.Offset"/> says; 0: all are read. When the turn has started over since, what was known is void: that is
    /// said as <see cref="ChatsClientOptions.OnTurnRestart"/> says, where <see cref="TurnRestartPolicy.Buffer"/> marks the first chunk too.
    /// </param>
    /// <param name="cancellationToken">Ends the reading; the turn does not hear of it.</param>
    public async IAsyncEnumerable<TurnChunk> ReadTurnAsync(
        string turnId, long afterOffset = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var budget = new TimeBudget(_calls.Options.SendTimeout, _calls.Time, cancellationToken);
        var request = new ReadTurnRequest { Name = Name, TurnId = turnId, AfterOffset = afterOffset };
        await foreach (var chunk in new TurnChunkStream(_calls, budget, _calls.Options.OnTurnRestart, request).ReadAsync().ConfigureAwait(false))
        {
            yield return chunk;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private TimeSpan TimeoutOf(SendOptions options) => options.Timeout ?? _calls.Options.SendTimeout;

    private async IAsyncEnumerable<TurnChunk> StreamAsync(
        SendMessageRequest request, SendOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var budget = new TimeBudget(TimeoutOf(options), _calls.Time, cancellationToken);
        var chunks = new TurnChunkStream(_calls, budget, options.OnTurnRestart ?? _calls.Options.OnTurnRestart, request);
        var isOver = false;
        try
        {
            await using var reading = chunks.ReadAsync().ConfigureAwait(false).GetAsyncEnumerator();
            while (true)
            {
                try
                {
                    isOver = !await reading.MoveNextAsync();
                }
                catch (ChatException failure) when (failure is not ChatTimeoutException)
                {
                    isOver = true;
                    throw;
                }

                if (isOver)
                {
                    break;
                }

                yield return reading.Current;
            }
        }
        finally
        {
            if (options.CancelTurn && !isOver)
            {
                await _calls.CancelAsync(request, chunks.TurnId).ConfigureAwait(false);
            }
        }
    }
}
