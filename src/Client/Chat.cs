using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace GenAI.Chats.Client;

/// <summary>
/// A chat. It's stored in the service: this object holds only its name. Several objects, in several programs, can use the same chat at once, from any thread.
/// The service runs the turns of a chat one at a time, in the order in which the messages arrive.
/// </summary>
/// <remarks>
/// If the connection or the server fails, calls are retried with exponential backoff, within the limits of <see cref="ChatsClientOptions"/>. Request IDs
/// keep a retry from running a turn twice. All calls can throw <see cref="ChatException"/> or one of its subclasses.
/// </remarks>
public sealed partial class Chat
{
    internal const string Prefix = "chats/";

    private readonly ChatsCalls _calls;

    internal Chat(ChatsCalls calls, string name) => (_calls, Name) = (calls, name);

    /// <summary>The chat's name, <c>chats/{chat_id}</c>.</summary>
    public string Name { get; }

    /// <summary>The chat's ID.</summary>
    public string Id => Name[Prefix.Length..];

    /// <summary>Sends a message, and returns the response once the turn is durable.</summary>
    /// <param name="message">A string, part, list of parts, or content.</param>
    /// <param name="options">The options, or a config for this turn.</param>
    /// <param name="cancellationToken">A token to cancel the call. The turn continues, unless <see cref="SendOptions.CancelTurn"/> is set.</param>
    /// <exception cref="TurnException">The turn failed or was canceled.</exception>
    /// <exception cref="ChatException">The service rejected the request, or couldn't be reached.</exception>
    public Task<TurnResponse> SendMessageAsync(Message message, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = Prepare(ref options, message);
        return SendAsync(request, options, cancellationToken);
    }

    /// <summary>
    /// Sends a message, and streams the response in chunks as the model generates them. The message is sent when you request the first chunk. When the stream
    /// ends, the turn is durable. If you enumerate the stream again, it replays the same turn.
    /// </summary>
    /// <param name="message">A string, part, list of parts, or content.</param>
    /// <param name="options">The options, or a config for this turn.</param>
    /// <param name="cancellationToken">A token to cancel the stream. The turn continues, unless <see cref="SendOptions.CancelTurn"/> is set.</param>
    /// <exception cref="TurnRestartedException">The turn was restarted after chunks were delivered. See <see cref="TurnRestartPolicy"/>.</exception>
    /// <exception cref="TurnException">The turn failed or was canceled.</exception>
    /// <exception cref="ChatException">The service rejected the request, or couldn't be reached.</exception>
    public IAsyncEnumerable<TurnChunk> SendMessageStreamAsync(
        Message message, SendOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = Prepare(ref options, message);
        return StreamAsync(request, options, cancellationToken);
    }

    /// <summary>
    /// Reads a turn's response in chunks: joins a running turn, or replays one that has ended, even one of another program.
    /// </summary>
    /// <param name="turnId">The turn's ID: <see cref="TurnChunk.TurnId"/>.</param>
    /// <param name="afterOffset">
    /// The <see cref="TurnChunk.Offset"/> of the last chunk that you have, or 0 to read all chunks. If the turn was restarted since, that chunk is void:
    /// <see cref="ChatsClientOptions.OnTurnRestart"/> applies, and with <see cref="TurnRestartPolicy.Buffer"/> the first chunk has
    /// <see cref="TurnChunk.IsRestart"/>, too.
    /// </param>
    /// <param name="cancellationToken">A token to cancel the stream. The turn continues.</param>
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

    private SendMessageRequest Prepare([NotNull] ref SendOptions? options, Message message)
    {
        options ??= new SendOptions();
        options.Validate();
        return options.ToRequest(Name, message);
    }

    private async Task<TurnResponse> SendAsync(SendMessageRequest request, SendOptions options, CancellationToken cancellationToken)
    {
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

    private async IAsyncEnumerable<TurnChunk> StreamAsync(
        SendMessageRequest request, SendOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var budget = new TimeBudget(TimeoutOf(options), _calls.Time, cancellationToken);
        var turn = new ReadTurnRequest { Name = Name };
        var chunks = new TurnChunkStream(_calls, budget, options.OnTurnRestart ?? _calls.Options.OnTurnRestart, turn, request);
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
