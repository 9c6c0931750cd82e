namespace GenAI.Chats.Client;

/// <summary>Cancels turns that no caller waits for anymore.</summary>
internal static class TurnCanceller
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Cancels a turn. It doesn't throw, because the caller gets another exception.</summary>
    /// <param name="calls">Makes the calls.</param>
    /// <param name="send">The request that started the turn.</param>
    /// <param name="turnId">The turn's ID. If null, it's looked up by joining the turn with its request ID.</param>
    public static async Task CancelAsync(this ChatsCalls calls, SendMessageRequest send, string? turnId)
    {
        using var budget = new TimeBudget(Patience, calls.Time, CancellationToken.None);
        try
        {
            turnId ??= await JoinAsync(calls, send, budget.Token).ConfigureAwait(false);
            await calls.CallAsync(
                context => calls.Stub.CancelTurnAsync(new CancelTurnRequest { Name = send.Name, TurnId = turnId }, context),
                Patience,
                send.RequestId,
                budget.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is RpcException or ChatException or OperationCanceledException)
        {
            var error = failure as ChatException;
            ClientLog.CancelFailed(calls.Logger, turnId, error?.Status ?? (failure as RpcException)?.StatusCode ?? StatusCode.DeadlineExceeded, error?.Reason);
        }
    }

    private static async Task<string> JoinAsync(ChatsCalls calls, SendMessageRequest send, CancellationToken cancellationToken)
    {
        using var call = calls.Stub.SendMessageStream(send, await calls.ContextAsync(cancellationToken).ConfigureAwait(false));
        var headers = await call.ResponseHeadersAsync.ConfigureAwait(false);
        return headers.GetValue(TurnEventStream.TurnIdHeader) ?? "";
    }
}
