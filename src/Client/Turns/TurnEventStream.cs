namespace GenAI.Chats.Client;

/// <summary>
/// The events of a turn, each once and in order, even if the connection or the server fails in between. If the server restarts the turn, there's another
/// <c>started</c> event with a higher attempt.
/// </summary>
/// <param name="calls">Makes the calls.</param>
/// <param name="budget">The time limit of the whole operation.</param>
/// <param name="retries">The pauses between attempts. Each event is progress.</param>
/// <param name="read">The turn, and the offset after which to read. It follows the events. The turn's ID is empty until it's known.</param>
/// <param name="send">The message that starts the turn, or joins it if its request ID is known. If null, the turn exists.</param>
internal sealed class TurnEventStream(ChatsCalls calls, TimeBudget budget, Retries retries, ReadTurnRequest read, SendMessageRequest? send)
{
    /// <summary>The response header with the turn's ID.</summary>
    public const string TurnIdHeader = "turn-id";

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
                if (next.Offset <= read.AfterOffset)
                {
                    // A message that joins its turn gets the events from the start.
                    continue;
                }

                read.AfterOffset = next.Offset;
                read.TurnId = next.Started?.TurnId ?? next.Ended?.TurnId ?? read.TurnId;
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

            if (failure.IsTurnMissing && send is not null && read.AfterOffset == 0)
            {
                // The turn failed and left nothing in the chat while the client was disconnected.
                read.TurnId = "";
                continue;
            }

            await calls.PauseAsync(retries, failure, budget, send?.RequestId).ConfigureAwait(false);
        }
    }

    private static CallFailure End { get; } = new(StatusCode.OK, "The stream ended.");

    private static CallFailure CutShort { get; } = new(StatusCode.Unavailable, "The stream ended before the turn completed.");

    private AsyncServerStreamingCall<TurnEvent> Call(CallOptions context) =>
        send is null || read.TurnId.Length > 0 ? calls.Stub.ReadTurn(read.Clone(), context) : calls.Stub.SendMessageStream(send, context);

    // Returns null if there is an event.
    private async Task<CallFailure?> NextAsync(AsyncServerStreamingCall<TurnEvent> call)
    {
        try
        {
            if (read.TurnId.Length == 0)
            {
                read.TurnId = (await call.ResponseHeadersAsync.ConfigureAwait(false)).GetValue(TurnIdHeader) ?? "";
            }

            if (await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            {
                return null;
            }

            // If a turn has ended at the offset, there's nothing more to read. A message's stream has its turn's end first.
            return send is null ? End : CutShort;
        }
        catch (RpcException error)
        {
            budget.ThrowIfOver(error, send?.RequestId);
            return CallFailure.From(error);
        }
        catch (OperationCanceledException cancelled)
        {
            budget.ThrowIfOver(cancelled, send?.RequestId);
            throw;
        }
    }
}
