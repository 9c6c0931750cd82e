using GenAI.Chats.Models;

namespace GenAI.Chats.Engine.Errors;

/// <summary>The errors of failed turns, as they are stored.</summary>
internal static class TurnErrors
{
    public static Turn.Types.Error From(ModelException failure) => new()
    {
        Code = (int)failure.Code,
        Reason = failure.Reason,
        Message = failure.Message,
        RetryDelay = failure.RetryDelay is { } delay ? Duration.FromTimeSpan(delay) : null,
    };

    public static Turn.Types.Error From(ChatException failure) => new()
    {
        Code = (int)failure.Code,
        Reason = failure.Reason,
        Message = failure.Message,
    };

    public static Turn.Types.Error AttemptsExhausted(int attempts) => new()
    {
        Code = (int)Code.Unavailable,
        Reason = "ATTEMPTS_EXHAUSTED",
        Message = $"The turn was abandoned after {attempts} attempts because the servers running it failed.",
    };

    public static Turn.Types.Error ResponseTooLarge(int maxBytes) => ResponseTooLarge($"The model response exceeds the limit of {maxBytes} bytes.");

    /// <summary>Creates the error for a response that is too large for a server that is low on memory.</summary>
    /// <param name="maxBytes">The current maximum size of a response.</param>
    public static Turn.Types.Error ResponseTooLargeNow(long maxBytes) =>
        ResponseTooLarge($"The server is low on memory, and the model response exceeds the current limit of {maxBytes} bytes. Retry later.");

    private static Turn.Types.Error ResponseTooLarge(string message) => new()
    {
        Code = (int)Code.ResourceExhausted,
        Reason = "RESPONSE_TOO_LARGE",
        Message = message,
    };

    public static Turn.Types.Error Defect() => new()
    {
        Code = (int)Code.Internal,
        Reason = "INTERNAL",
        Message = "Internal error. See the server log for details.",
    };
}
