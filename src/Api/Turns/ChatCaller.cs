using GenAI.Chats.Api.Errors;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Grains.Telemetry;
using GenAI.Chats.Grains;
using GenAI.Chats.Silo.Clustering;
using Grpc.Core;
using Orleans.Runtime.Messaging;

namespace GenAI.Chats.Api.Turns;

/// <summary>
/// Calls grains. A call that finds its activation over, or its silo or the way to it gone, is made again, as all of them can be: sends and creations
/// carry a request id, reads an offset.
/// </summary>
internal sealed class ChatCaller(IGrainFactory grains, TimeProvider time, ClusterConnection? cluster = null)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(500);

    // When a silo's connection is lost, answers over the others still come.
    private static readonly TimeSpan TimeAfterLoss = TimeSpan.FromMilliseconds(250);

    // Longer than it takes to notice that a silo is gone, and to place its chats elsewhere.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Longer than any grain call takes to time out. If an attempt took longer, this process was suspended, and the rest of the time doesn't count.
    private static readonly TimeSpan MaxAttempt = TimeSpan.FromSeconds(12);

    /// <summary>Calls a chat.</summary>
    /// <exception cref="ChatException">What the chat answered.</exception>
    /// <exception cref="RpcException">UNAVAILABLE: no silo answered for long.</exception>
    public ValueTask<T> CallAsync<T>(string grainKey, Func<IChatGrain, ValueTask<T>> call, CancellationToken cancellationToken) =>
        MustWait ? WaitAsync(() => CallAsync(grainKey, call, cancellationToken), cancellationToken)
        : CallAsync(grains.GetGrain<IChatGrain>(grainKey), call, cancellationToken);

    /// <summary>Calls a tenant.</summary>
    /// <exception cref="ChatException">What the tenant answered.</exception>
    /// <exception cref="RpcException">UNAVAILABLE: no silo answered for long.</exception>
    public ValueTask<T> CallTenantAsync<T>(string tenant, Func<ITenantGrain, ValueTask<T>> call, CancellationToken cancellationToken) =>
        MustWait ? WaitAsync(() => CallTenantAsync(tenant, call, cancellationToken), cancellationToken)
        : CallAsync(grains.GetGrain<ITenantGrain>(tenant), call, cancellationToken);

    // Before a client of a cluster has once been connected it knows no grains.
    private bool MustWait => cluster is { Connected.IsCompleted: false };

    private async ValueTask<T> WaitAsync<T>(Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            await cluster!.Connected.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw Unanswered();
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
                return await AnswerAsync(call(grain).AsTask(), loss, cancellationToken);
            }
            catch (Exception failure) when (IsTransient(failure) && !cancellationToken.IsCancellationRequested)
            {
                var attempt = time.GetElapsedTime(start);
                waited += attempt < MaxAttempt ? attempt : MaxAttempt;
                if (waited > Patience)
                {
                    throw Unanswered();
                }
            }

            await Task.Delay(delay, time, cancellationToken);
            waited += delay;
            delay = delay * 2 < MaxDelay ? delay * 2 : MaxDelay;
        }
    }

    // Of a call on its way when a silo's connection is lost nobody knows whether an answer will come.
    private async Task<T> AnswerAsync<T>(Task<T> answer, CancellationToken loss, CancellationToken cancellationToken)
    {
        if (answer.IsCompleted || !loss.CanBeCanceled)
        {
            return await answer.WaitAsync(cancellationToken);
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(loss, cancellationToken);
        await ((Task)answer.WaitAsync(over.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return answer.IsCompleted ? await answer : await answer.WaitAsync(TimeAfterLoss, time, cancellationToken);
    }

    private static RpcException Unanswered() => RpcErrors.Unavailable("CHAT_UNAVAILABLE", "No server answered for the chat.");

    // OrleansException is the base of what Orleans throws when a silo, a connection, or a directory partition is gone. A directory lookup that a silo's end
    // cancels throws OperationCanceledException, although the caller didn't cancel the call. A message that is too large is too large the next time, too.
    private static bool IsTransient(Exception failure) => failure is
        ChatConflictException
        or (OrleansException and not InvalidMessageFrameException)
        or OperationCanceledException
        or TimeoutException;
}
