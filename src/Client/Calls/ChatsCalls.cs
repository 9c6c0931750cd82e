namespace GenAI.Chats.Client;

/// <summary>Makes calls to the service: adds credentials, retries, and enforces the time limits of the options.</summary>
internal sealed record ChatsCalls(V1.Chats.ChatsClient Stub, ChatsClientOptions Options, TimeProvider Time, ILogger Logger)
{
    private const string ApiKeyHeader = "x-api-key";
    private const string AuthorizationHeader = "authorization";

    // The client has no limit, so the service needn't leave out large parts.
    private const string MaxMessageBytesHeader = "x-chat-max-message-bytes";

    /// <summary>Makes a unary call, and retries it.</summary>
    /// <param name="call">Makes one attempt.</param>
    /// <param name="timeout">The time limit of all attempts together.</param>
    /// <param name="requestId">The request ID, if the call has one.</param>
    /// <param name="cancellationToken">A token to cancel the call.</param>
    /// <exception cref="ChatException">The service rejected the call, or couldn't be reached.</exception>
    public async Task<T> CallAsync<T>(
        Func<CallOptions, AsyncUnaryCall<T>> call, TimeSpan timeout, string? requestId, CancellationToken cancellationToken)
    {
        using var budget = new TimeBudget(timeout, Time, cancellationToken);
        var retries = new Retries(Options);
        for (var turnFailures = 0; ;)
        {
            CallFailure failure;
            try
            {
                var context = await ContextAsync(budget.Token).ConfigureAwait(false);
                using var running = call(context);
                return await running.ResponseAsync.ConfigureAwait(false);
            }
            catch (RpcException error)
            {
                budget.ThrowIfOver(error, requestId);
                failure = CallFailure.From(error);
            }
            catch (OperationCanceledException cancelled)
            {
                budget.ThrowIfOver(cancelled, requestId);
                throw;
            }

            if (failure.IsOfTurn && ++turnFailures > Options.MaxTurnRetries)
            {
                throw failure.ToException(requestId);
            }

            await PauseAsync(retries, failure, budget, requestId).ConfigureAwait(false);
        }
    }

    /// <summary>Waits before the next attempt.</summary>
    /// <exception cref="ChatException">The call isn't retried.</exception>
    public async Task PauseAsync(Retries retries, CallFailure failure, TimeBudget budget, string? requestId)
    {
        if (retries.Next(failure) is not { } pause)
        {
            throw failure.ToException(requestId);
        }

        ClientLog.Retrying(Logger, failure.Status, failure.Reason, pause);
        try
        {
            await Task.Delay(pause, Time, budget.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            budget.ThrowIfOver(cancelled, requestId);
            throw;
        }
    }

    /// <summary>Creates the call options of one attempt.</summary>
    public async ValueTask<CallOptions> ContextAsync(CancellationToken cancellationToken)
    {
        var headers = new Metadata { { MaxMessageBytesHeader, "-1" } };
        if (Options.ApiKey is { } key)
        {
            headers.Add(ApiKeyHeader, key);
        }

        if (Options.AccessToken is { } token)
        {
            headers.Add(AuthorizationHeader, "Bearer " + await token(cancellationToken).ConfigureAwait(false));
        }

        return new CallOptions(headers, cancellationToken: cancellationToken);
    }
}
