using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Client;

/// <summary>
/// The events of a turn, each once and in order, even if the connection or the server fails in between. If the server restarts the turn, there's another
/// <c>started</c> event with a higher attempt.
/// </summary>
/// <param name="calls">Makes the calls.</param>
/// <param name="budget">The time limit of the whole operation.</param>
/// <param name="retries">The pauses between attempts. Each event is progress.</param>
internal sealed class TurnEventStream(ChatsCalls calls, TimeBudget budget, Retries retries)
{
    /// <summary>The response header with the turn's ID.</summary>
    public const string TurnIdHeader = "turn-id";

    private readonly SendMessageRequest? _send;
    private readonly string _name = "";
    private long _offset;

    /// <summary>Creates the stream of the turn that a message starts, or joins if its request ID is known.</summary>
    public TurnEventStream(ChatsCalls calls, TimeBudget budget, Retries retries, SendMessageRequest send)
        : this(calls, budget, retries) => (_send, _name) = (send, send.Name);

    /// <summary>Creates the stream of an existing turn's events after an offset.</summary>
    public TurnEventStream(ChatsCalls calls, TimeBudget budget, Retries retries, ReadTurnRequest read)
        : this(calls, budget, retries) => (_name, TurnId, _offset) = (read.Name, read.TurnId, read.AfterOffset);

    /// <summary>The turn's ID, once it's known. The turn is durable then.</summary>
    public string? TurnId { get; private set; }

    private string? RequestId => _send?.RequestId;

    /// <summary>Reads the events until the turn ends.</summary>
    /// <exception cref="ChatException">The service rejected the request, or was unavailable for too long.</exception>
    public async IAsyncEnumerable<TurnEvent> ReadAsync()
    {
        while (true)
        {
            using var call = Call(await calls.ContextAsync(budget.Token).ConfigureAwait(false));
            CallFailure? failure;
            while ((failure = await NextAsync(call).ConfigureAwait(false)) is null)
            {
                var next = call.ResponseStream.Current;
                if (next.Offset <= _offset)
                {
                    // A message that joins its turn gets the events from the start.
                    continue;
                }

                _offset = next.Offset;
                TurnId = next.Started?.TurnId ?? next.Ended?.TurnId ?? TurnId;
                retries.Progressed();
                yield return next;
                if (next.Ended is not null)
                {
                    yield break;
                }
            }

            if (failure == End)
            {
                yield break;
            }

            if (failure.IsTurnMissing && _send is not null && _offset == 0)
            {
                // The turn failed and left nothing in the chat while the client was disconnected.
                TurnId = null;
                continue;
            }

            await calls.PauseAsync(retries, failure, budget, RequestId).ConfigureAwait(false);
        }
    }

    private static CallFailure End { get; } = new(StatusCode.OK, "The stream ended.");

    private static CallFailure CutShort { get; } = new(StatusCode.Unavailable, "The stream ended before the turn completed.");

    private AsyncServerStreamingCall<TurnEvent> Call(CallOptions context) => TurnId is { } turnId
        ? calls.Stub.ReadTurn(new ReadTurnRequest { Name = _name, TurnId = turnId, AfterOffset = _offset }, context)
        : calls.Stub.SendMessageStream(_send, context);

    // Returns null if there is an event.
    private async Task<CallFailure?> NextAsync(AsyncServerStreamingCall<TurnEvent> call)
    {
        try
        {
            if (TurnId is null)
            {
                TurnId = (await call.ResponseHeadersAsync.ConfigureAwait(false)).GetValue(TurnIdHeader);
            }

            if (await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            {
                return null;
            }

            // If a turn has ended at the offset, there's nothing more to read. A message's stream has its turn's end first.
            return _send is null ? End : CutShort;
        }
        catch (RpcException error)
        {
            budget.ThrowIfOver(error, RequestId);
            return CallFailure.From(error);
        }
        catch (OperationCanceledException cancelled)
        {
            budget.ThrowIfOver(cancelled, RequestId);
            throw;
        }
    }
}
