using GenAI.Chats.Api.Errors;
using GenAI.Chats.Grains;
using GenAI.Chats.Grains.Telemetry;

namespace GenAI.Chats.Api.Turns;

/// <summary>
/// Calls grains. A call that finds its activation over, or its silo gone, is made again, as all of them can be: sends and creations
/// carry a request id, reads an offset.
/// </summary>
internal sealed class ChatCaller(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(500);

    // Longer than it takes to notice that a silo is gone, and to place its chats elsewhere.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Calls a chat.</summary>
    /// <exception cref="ChatException">What the chat answered.</exception>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE: no silo answered for long.</exception>
    public ValueTask<T> CallAsync<T>(string grainKey, Func<IChatGrain, ValueTask<T>> call, CancellationToken cancellationToken) =>
        CallAsync(grains.GetGrain<IChatGrain>(grainKey), call, cancellationToken);

    /// <summary>Calls a tenant.</summary>
    /// <exception cref="ChatException">What the tenant answered.</exception>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE: no silo answered for long.</exception>
    public ValueTask<T> CallTenantAsync<T>(string tenant, Func<ITenantGrain, ValueTask<T>> call, CancellationToken cancellationToken) =>
        CallAsync(grains.GetGrain<ITenantGrain>(tenant), call, cancellationToken);

    private async ValueTask<T> CallAsync<TGrain, T>(TGrain grain, Func<TGrain, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        ChatTracing.Send();
        var delay = FirstDelay;
        for (var start = time.GetTimestamp(); ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await call(grain).AsTask().WaitAsync(cancellationToken);
            }
            catch (Exception failure) when (IsPassing(failure))
            {
                if (time.GetElapsedTime(start) > Patience)
                {
                    throw RpcErrors.Unavailable("CHAT_UNAVAILABLE", "No server answered for the chat.");
                }
            }

            await Task.Delay(delay, time, cancellationToken);
            delay = delay * 2 < MaxDelay ? delay * 2 : MaxDelay;
        }
    }

    private static bool IsPassing(Exception failure) => failure is
        ChatConflictException
        or SiloUnavailableException
        or OrleansMessageRejectionException
        or Orleans.Runtime.Messaging.ConnectionFailedException
        or GatewayTooBusyException
        or TimeoutException;
}
