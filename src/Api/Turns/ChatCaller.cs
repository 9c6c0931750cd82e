using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Grains;
using GenAI.Chats.Grains.Operators;
using GenAI.Chats.Grains.Quotas;
using GenAI.Chats.Grains.Telemetry;
using GenAI.Chats.Silo.Clustering;
using Orleans.Runtime.Messaging;

namespace GenAI.Chats.Api.Turns;

/// <summary>
/// Calls grains. If an activation, a silo, or a connection ends during a call, the call is repeated. This is safe: sends and creations have a request ID, and
/// reads have an offset.
/// </summary>
internal sealed class ChatCaller(IGrainFactory grains, TimeProvider time, ClusterConnection? cluster = null)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(500);

    // If the connection to a silo is lost, responses can still arrive over other connections.
    private static readonly TimeSpan TimeAfterLoss = TimeSpan.FromMilliseconds(250);

    // Longer than it takes to detect a failed silo, and to activate its chats on another one.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Longer than the timeout of any grain call. If an attempt took longer, this process was suspended, and the excess doesn't count.
    private static readonly TimeSpan MaxAttempt = TimeSpan.FromSeconds(12);

    private readonly GrainReferences<IChatGrain> _chats = new(grains);

    /// <summary>Calls a chat.</summary>
    /// <exception cref="ChatException">The chat rejected the request.</exception>
    /// <exception cref="RpcException">UNAVAILABLE: no silo responded in time.</exception>
    public ValueTask<T> CallAsync<T>(string grainKey, Func<IChatGrain, ValueTask<T>> call, CancellationToken cancellationToken) =>
        MustWait ? WaitAsync(() => CallAsync(grainKey, call, cancellationToken), cancellationToken)
        : CallAsync(_chats.Get(grainKey), call, cancellationToken);

    /// <summary>Calls a tenant.</summary>
    /// <exception cref="ChatException">The tenant rejected the request.</exception>
    /// <exception cref="RpcException">UNAVAILABLE: no silo responded in time.</exception>
    public ValueTask<T> CallTenantAsync<T>(string tenant, Func<ITenantGrain, ValueTask<T>> call, CancellationToken cancellationToken) =>
        MustWait ? WaitAsync(() => CallTenantAsync(tenant, call, cancellationToken), cancellationToken)
        : CallAsync(grains.GetGrain<ITenantGrain>(tenant), call, cancellationToken);

    /// <summary>Calls any silo for an operator.</summary>
    /// <exception cref="ChatException">The request was rejected.</exception>
    /// <exception cref="RpcException">UNAVAILABLE: no silo responded in time.</exception>
    public ValueTask<T> CallOperatorAsync<T>(Func<IOperatorGrain, ValueTask<T>> call, CancellationToken cancellationToken) =>
        MustWait ? WaitAsync(() => CallOperatorAsync(call, cancellationToken), cancellationToken)
        : CallAsync(grains.GetGrain<IOperatorGrain>(0), call, cancellationToken);

    // A client of a cluster can't create grain references before its first connection.
    private bool MustWait => cluster is { Connected.IsCompleted: false };

    private async ValueTask<T> WaitAsync<T>(Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            await cluster!.Connected.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw Unresponsive();
        }

        return await call();
    }

    private async ValueTask<T> CallAsync<TGrain, T>(TGrain grain, Func<TGrain, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        CallTracing.Send();
        var delay = FirstDelay;
        var waited = TimeSpan.Zero;
        for (var start = time.GetTimestamp(); ; start = time.GetTimestamp())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var loss = cluster?.UntilLoss ?? CancellationToken.None;
            try
            {
                return await ResponseAsync(call(grain).AsTask(), loss, cancellationToken);
            }
            catch (Exception failure) when (IsTransient(failure) && !cancellationToken.IsCancellationRequested)
            {
                var attempt = time.GetElapsedTime(start);
                waited += attempt < MaxAttempt ? attempt : MaxAttempt;
                if (waited > Patience)
                {
                    throw Unresponsive();
                }
            }

            await Task.Delay(delay, time, cancellationToken);
            waited += delay;
            delay = delay * 2 < MaxDelay ? delay * 2 : MaxDelay;
        }
    }

    // If the connection to a silo is lost during a call, its response might never arrive.
    private async Task<T> ResponseAsync<T>(Task<T> response, CancellationToken loss, CancellationToken cancellationToken)
    {
        if (response.IsCompleted || !loss.CanBeCanceled)
        {
            return await response.WaitAsync(cancellationToken);
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(loss, cancellationToken);
        await ((Task)response.WaitAsync(over.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return response.IsCompleted ? await response : await response.WaitAsync(TimeAfterLoss, time, cancellationToken);
    }

    private static RpcException Unresponsive() => RpcErrors.Unavailable(
        "CHAT_UNAVAILABLE",
        $"The chat is temporarily unavailable: no silo responded within {Patience.TotalSeconds:0} s.",
        ("timeout_seconds", Patience.TotalSeconds));

    // Orleans throws subclasses of OrleansException if a silo, a connection, or a directory partition fails. A directory lookup that a stopping silo cancels throws
    // OperationCanceledException, although the caller didn't cancel the call. A message that is too large will be too large again.
    private static bool IsTransient(Exception failure) => failure is
        ChatConflictException
        or (OrleansException and not InvalidMessageFrameException)
        or OperationCanceledException
        or TimeoutException;
}
