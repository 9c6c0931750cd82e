namespace GenAI.Chats.Client;

/// <summary>
/// The events of a chat, each once and in order, even if the connection or the server fails in between. Idle events only show that the connection works, and
/// aren't returned.
/// </summary>
/// <param name="calls">Makes the calls.</param>
/// <param name="budget">The caller's token.</param>
/// <param name="request">The request. Its token is that of the last event.</param>
internal sealed class ChatEventStream(ChatsCalls calls, TimeBudget budget, WatchChatRequest request)
{
    private static readonly CallFailure CutShort = new(StatusCode.Unavailable, "The stream ended before the chat was deleted.");

    private readonly Retries _retries = new(calls.Options);
    private V1.Chat? _chat;

    /// <summary>Reads the events until the chat is deleted.</summary>
    /// <exception cref="ChatException">The service rejected the request, or was unavailable for too long.</exception>
    public async IAsyncEnumerable<ChatEvent> ReadAsync()
    {
        while (true)
        {
            using var call = calls.Stub.WatchChat(request.Clone(), await calls.ContextAsync(budget.Token).ConfigureAwait(false));
            CallFailure? failure;
            for (var isFirst = true; (failure = await NextAsync(call).ConfigureAwait(false)) is null; isFirst = false)
            {
                var next = call.ResponseStream.Current;
                request.Token = next.Token.Length > 0 ? next.Token : request.Token;
                if (!isFirst)
                {
                    // Each call begins with the chat's state, even if the server fails again at once.
                    _retries.Progressed();
                }

                if (IsNews(next))
                {
                    yield return next;
                }

                if (next.EventCase == ChatEvent.EventOneofCase.Deleted)
                {
                    yield break;
                }
            }

            await calls.PauseAsync(_retries, failure, budget, requestId: null).ConfigureAwait(false);
        }
    }

    private bool IsNews(ChatEvent next)
    {
        switch (next.EventCase)
        {
            case ChatEvent.EventOneofCase.Idle:
                return false;
            case ChatEvent.EventOneofCase.Chat when next.Chat.Equals(_chat):
                return false;
            case ChatEvent.EventOneofCase.Chat:
                _chat = next.Chat.Clone();
                return true;
            default:
                return true;
        }
    }

    // Returns null if there is an event.
    private async Task<CallFailure?> NextAsync(AsyncServerStreamingCall<ChatEvent> call)
    {
        try
        {
            return await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false) ? null : CutShort;
        }
        catch (RpcException error)
        {
            budget.ThrowIfOver(error, requestId: null);
            return CallFailure.From(error);
        }
        catch (OperationCanceledException cancelled)
        {
            budget.ThrowIfOver(cancelled, requestId: null);
            throw;
        }
    }
}
