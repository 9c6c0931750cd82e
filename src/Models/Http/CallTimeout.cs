using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.Http;

/// <summary>How long a turn's config lets a call take.</summary>
internal static class CallTimeout
{
    /// <summary>The config's own limit; null where it says nothing.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: it is no time.</exception>
    public static TimeSpan? Of(GenerateContentConfig? config) => config?.HttpOptions switch
    {
        { HasTimeout: true, Timeout: > 0 and var milliseconds } => TimeSpan.FromMilliseconds(milliseconds),
        { HasTimeout: true, Timeout: var milliseconds } => throw new ModelException(
            Code.InvalidArgument,
            ModelErrorReasons.InvalidRequest,
            $"config.http_options.timeout is {milliseconds}: it must be more than 0 milliseconds."),
        _ => null,
    };
}
