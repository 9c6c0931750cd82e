using GenAI.Chats.Client;
using Grpc.Core;

namespace GenAI.Chats.Terminal;

/// <summary>Says what went wrong, to a person.</summary>
internal static class Explanations
{
    public static string Of(ChatException failure, Uri address) => failure switch
    {
        { Reason: "MISSING_CREDENTIALS" } => $"{failure.Message} ({failure.Reason}) ./chat sends what GENAI_CHATS_API_KEY has, if it is set.",
        { Reason: null, Status: StatusCode.Unavailable or StatusCode.Internal } =>
            $"No server answers at {address.Authority}. Start one with ./run, or name another with --address.",
        { Reason: null, Status: StatusCode.Unauthenticated } => $"{failure.Message} For ./chat: --ca FILE.",
        { Reason: null } => $"{failure.Status}: {failure.Message}",
        { RetryDelay: { } delay } => $"{failure.Message} ({failure.Reason}; try again in {Math.Ceiling(delay.TotalSeconds)} s)",
        _ => $"{failure.Message} ({failure.Reason})",
    };
}
