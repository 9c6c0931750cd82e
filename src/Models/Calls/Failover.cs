using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// One attempt: tries the targets in order until one answers. Those that are left alone or held back are passed over; when all are, the
/// one that is held back for the shortest time is waited for. What the first one that is called says of the request is the answer; one
/// that stands in and cannot take it is as good as none.
/// </summary>
internal sealed class Failover(ModelRoute route, IReadOnlyList<Target> targets, ModelTelemetry telemetry, ILogger log)
{
    public async ValueTask<OpenAnswer> OpenAsync(RouteCall call)
    {
        ModelException? failure = null;
        Target? failed = null;
        foreach (var target in targets)
        {
            if (!call.MayTry(target) || !target.IsReady)
            {
                continue;
            }

            if (failed is not null)
            {
                telemetry.FailedOver(route.Name, failure!.Reason);
                CallsLog.FailedOver(log, route.Name, failed.Provider, target.Provider, failure.Reason);
            }

            try
            {
                return await target.OpenAsync(call).ConfigureAwait(false);
            }
            catch (ModelException exception) when (exception.CanFailOver || failure is not null)
            {
                if (!exception.IsRetryable)
                {
                    call.GiveUp(target);
                }

                failed = target;
                failure = Better(failure, exception);
            }
        }

        return failure is null ? await WaitAsync(call).ConfigureAwait(false) : throw failure;
    }

    private ValueTask<OpenAnswer> WaitAsync(RouteCall call)
    {
        var left = targets.Where(call.MayTry).ToList();
        return left.Where(target => !target.IsLeftAlone).MinBy(target => target.HeldBack) is { } next
            ? next.OpenAsync(call)
            : throw left.Select(target => target.LeftAlone()).MinBy(failure => failure.RetryDelay)!;
    }

    // What the call is told: of what may pass rather than of what stays, and of what passes first.
    private static ModelException Better(ModelException? one, ModelException other)
    {
        if (one is null || one.IsRetryable != other.IsRetryable)
        {
            return one is { IsRetryable: true } ? one : other;
        }

        return (other.RetryDelay ?? TimeSpan.Zero) < (one.RetryDelay ?? TimeSpan.Zero) ? other : one;
    }
}
