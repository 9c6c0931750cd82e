using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Models.Calls;

/// <summary>Asks a model again that said STOP and nothing else. The last such answer is the answer.</summary>
internal sealed class EmptyAnswers(ModelRoute route, Retries attempts, ILogger log)
{
    public async ValueTask<OpenAnswer> OpenAsync(RouteCall call)
    {
        for (var asked = 1; ; asked++)
        {
            var answer = await attempts.OpenAsync(call).ConfigureAwait(false);
            if (!answer.IsEmptyStop || asked > route.Retry.MaxEmptyRetries)
            {
                return answer;
            }

            CallsLog.EmptyAnswer(log, route.Name, answer.HeldTokens);
            await answer.DisposeAsync().ConfigureAwait(false);
        }
    }
}
