using Grpc.Core;

namespace GenAI.Chats.Console;

/// <summary>Describes errors to a person.</summary>
internal static class Explanations
{
    public static string Of(ChatException failure, Uri address) => failure switch
    {
        { Reason: "MISSING_CREDENTIALS" } => $"{failure.Message} ({failure.Reason}) Set GENAI_CHATS_API_KEY to send an API key.",
        { Reason: null, Status: StatusCode.Unavailable or StatusCode.Internal } =>
            $"Can't connect to {address.Authority}. Start the server, or pass --address."
            + (address.Scheme == Uri.UriSchemeHttp ? $" If it uses TLS: --address https://{address.Authority}" : ""),
        { Reason: null, Status: StatusCode.Unauthenticated } => $"{failure.Message} On the command line, pass --ca FILE.",
        { Reason: null } => $"{failure.Status}: {failure.Message}",
        { RetryDelay: { } delay } => $"{failure.Message} ({failure.Reason}; try again in {Math.Ceiling(delay.TotalSeconds)} s)",
        _ => $"{failure.Message} ({failure.Reason})",
    };
}
