using GenAI.Chats.Api.Turns;
using GenAI.Chats.Api.Validation;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Sessions;

namespace GenAI.Chats.Api.Services;

/// <content>The methods that send, read, get, and cancel turns.</content>
internal sealed partial class ChatsService
{
    // Initial metadata of SendMessageStream, which lets a client resume before the turn has started.
    private const string TurnIdKey = "turn-id";
    private const string RequestIdKey = "request-id";

    /// <inheritdoc/>
    public override async Task<SendMessageResponse> SendMessage(SendMessageRequest request, ServerCallContext context)
    {
        rules.Check(request);
        var key = Key(request.Name, context);
        var turn = await AcceptAsync(key, request, stream: false, context);
        var answer = new LastAnswer();
        var ended = await CalledAsync(key, turn, request, context, () => EndAsync(key, turn, answer, context.CancellationToken));
        return ended.State == Turn.Types.State.Completed
            ? new SendMessageResponse { Response = answer.ToResponse(), Turn = ended }
            : throw RpcErrors.From(ended);
    }

    /// <summary>The method of the contract, with encoded events: see <see cref="EventStreams"/>.</summary>
    public async Task SendMessageStream(SendMessageRequest request, IServerStreamWriter<byte[]> responseStream, ServerCallContext context)
    {
        rules.Check(request);
        var key = Key(request.Name, context);
        var turn = await AcceptAsync(key, request, stream: true, context);
        var last = await CalledAsync(key, turn, request, context, async () =>
        {
            await CallerWrites.SendHeadersAsync(context, new Metadata { { TurnIdKey, turn.TurnId }, { RequestIdKey, turn.RequestId } });
            return await StreamAsync(turns.ReadAsync(key, turn, context.CancellationToken), responseStream, context);
        });

        // The stream contains the result. The status is for interceptors, retries, and metrics.
        if (!EventBytes.IsCompletion(last))
        {
            throw RpcErrors.From(Parse(last).Ended);
        }
    }

    /// <summary>The method of the contract, with encoded events: see <see cref="EventStreams"/>.</summary>
    public async Task ReadTurn(ReadTurnRequest request, IServerStreamWriter<byte[]> responseStream, ServerCallContext context)
    {
        RequestRules.Check(request);
        var key = Key(request.Name, context);
        await StreamAsync(feeds.ReadAsync(key, request.TurnId, request.AfterOffset, context.CancellationToken), responseStream, context);
    }

    /// <inheritdoc/>
    public override async Task<Turn> GetTurn(GetTurnRequest request, ServerCallContext context)
    {
        RequestRules.Check(request);
        var (key, id) = (Key(request.Name, context), request.TurnRequestId);
        return await chats.CallAsync(
            key,
            async c => id.Length > 0 ? await c.GetRequestedTurnAsync(id, context.CancellationToken) : await c.GetTurnAsync(request.TurnId, context.CancellationToken),
            context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Turn> CancelTurn(CancelTurnRequest request, ServerCallContext context)
    {
        FieldRules.CheckTurnId(request.TurnId);
        var key = Key(request.Name, context);
        return await chats.CallAsync(key, async c => await c.CancelTurnAsync(request.TurnId), context.CancellationToken);
    }

    private async Task<AcceptedTurn> AcceptAsync(string key, SendMessageRequest request, bool stream, ServerCallContext context)
    {
        using var retry = CheckQuota(key, request.RequestId);
        request.RequestId = RequestIdOf(request.RequestId);

        // A turn can only be cancelled when its ID is known. So if the turn must end with its client, a disconnect doesn't cancel this call.
        var cancellation = request.OnDisconnect == DisconnectPolicy.Cancel ? CancellationToken.None : context.CancellationToken;
        return await chats.CallAsync(key, c => c.SendAsync(request, stream), cancellation);
    }

    private async Task<Turn> EndAsync(
        string key, AcceptedTurn turn, LastAnswer? answer, CancellationToken cancellationToken)
    {
        Turn? ended = null;
        await foreach (var events in turns.ReadAsync(key, turn, cancellationToken))
        {
            foreach (var next in events.Events)
            {
                switch (EventBytes.Case(next))
                {
                    case TurnEvent.EventOneofCase.Started:
                        // A new attempt replaces the chunks of the previous one.
                        answer?.Clear();
                        break;
                    case TurnEvent.EventOneofCase.Chunk:
                        answer?.Add(Parse(next).Chunk);
                        break;
                    case TurnEvent.EventOneofCase.Ended:
                        ended = Parse(next).Ended;
                        break;
                }
            }
        }

        return ended!;
    }

    // The span spares the object that reads from an array.
    private static TurnEvent Parse(byte[] next) => TurnEvent.Parser.ParseFrom(next.AsSpan());

    // Returns the last event. Empty if the turn ended before the offset.
    private async Task<byte[]> StreamAsync(IAsyncEnumerable<TurnEvents> turn, IServerStreamWriter<byte[]> responseStream, ServerCallContext context)
    {
        byte[] last = [];
        await foreach (var events in turn)
        {
            await callers.SendAsync(responseStream, events.Events, context);
            last = events.Events[^1];
        }

        return last;
    }

    // Cancels the turn if its client disconnects and asked for that. Everything that the call waits for ends when the client disconnects. A callback of the token
    // could be unregistered before it has run.
    private async Task<T> CalledAsync<T>(
        string key, AcceptedTurn turn, SendMessageRequest request, ServerCallContext context, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception failure) when (
            request.OnDisconnect == DisconnectPolicy.Cancel
            && !RpcErrors.IsStalled(failure)
            && (failure is CallerGoneException || context.CancellationToken.IsCancellationRequested))
        {
            _ = chats.CallAsync(key, async c => await c.CancelTurnAsync(turn.TurnId), CancellationToken.None).AsTask();
            throw;
        }
    }
}
