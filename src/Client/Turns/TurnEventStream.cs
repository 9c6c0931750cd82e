using GenAI.Chats.Client.Calls;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Client.Turns;

/// <summary>
/// A turn's events, each once and in order, however often the connection or the server goes away in between. A turn that started over gives
/// <c>started</c> again, with a higher attempt.
/// </summary>
/// <param name="calls">Makes the calls.</param>
/// <param name="budget">The time for all of it.</param>
/// <param name="retries">The pauses; an event is progress.</param>
internal sealed class TurnEventStream(ChatsCalls calls, TimeBudget budget, Retries retries)
{
    private const string TurnIdHeader = "turn-id";

    private readonly SendMessageRequest? _send;
    private readonly string _name = "";
    private long _offset;

    /// <summary>The events of a turn that a message starts, or joins where its request id is known.</summary>
    public TurnEventStream(ChatsCalls calls, TimeBudget budget, Retries retries, SendMessageRequest send)
        : this(calls, budget, retries) => (_send, _name) = (send, send.Name);

    /// <summary>The events after an offset of a turn that is there.</summary>
    public TurnEventStream(ChatsCalls calls, TimeBudget budget, Retries retries, ReadTurnRequest read)
        : this(calls, budget, retries) => (_name, TurnId, _offset) = (read.Name, read.TurnId, read.AfterOffset);

    /// <summary>The turn's id, once it is known: the turn is durable then.</summary>
    public string? TurnId { get; private set; }

    private string? RequestId => _send?.RequestId;

    /// <summary>Reads the events up to the turn's last one.</summary>
    /// <exception cref="ChatException">The service refuses, or is away for too long.</exception>
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
                    // A send that joined its turn hears it from the start.
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
                // It failed and left nothing, while nobody listened.
                TurnId = null;
                continue;
            }

            await calls.PauseAsync(retries, failure, budget, RequestId).ConfigureAwait(false);
        }
    }

    private static CallFailure End { get; } = new(StatusCode.OK, "The stream has ended.");

    private static CallFailure CutShort { get; } = new(StatusCode.Unavailable, "The stream ended before its turn.");

    private AsyncServerStreamingCall<TurnEvent> Call(CallOptions context) => TurnId is { } turnId
        ? calls.Stub.ReadTurn(new ReadTurnRequest { Name = _name, TurnId = turnId, AfterOffset = _offset }, context)
        : calls.Stub.SendMessageStream(_send, context);

    // Null: there is an event.
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

            // Of a turn that has ended at the offset there is nothing more to read. A send hears its turn's end first.
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
