using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// Attempts until one succeeds: after doubling waits, none shorter than what the model asked for, and none beyond the turn's time.
/// </summary>
internal sealed class Retries(ModelRoute route, Failover targets, TimeProvider time, ModelTelemetry telemetry, ILogger log)
{
    public async ValueTask<OpenAnswer> OpenAsync(RouteCall call)
    {
        while (true)
        {
            TimeSpan delay;
            try
            {
                return await targets.OpenAsync(call).ConfigureAwait(false);
            }
            catch (ModelException failure) when (failure.IsRetryable)
            {
                delay = CallDelays.WithJitter(++call.Failures, route.Retry);
                if (failure.RetryDelay > delay)
                {
                    delay = failure.RetryDelay.Value;
                }

                if (call.Failures >= route.Retry.MaxAttempts || delay >= call.Left)
                {
                    throw;
                }

                telemetry.Retrying(route.Name, failure.Reason);
                CallsLog.Retrying(log, route.Name, call.Failures, failure.Reason, delay);
            }

            await Task.Delay(delay, time, call.Token).ConfigureAwait(false);
        }
    }
}
