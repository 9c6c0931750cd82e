using GenAI.Chats.Models;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;

namespace GenAI.Chats.Engine.Errors;

/// <summary>Why turns fail, as their record keeps it.</summary>
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
        Message = $"The servers that ran the turn were lost {attempts} times.",
    };

    public static Turn.Types.Error ResponseTooLarge(int maxBytes) => ResponseTooLarge($"The model answered more than {maxBytes} bytes (Chats:MaxResponseBytes).");

    /// <summary>The server runs out of memory.</summary>
    /// <param name="maxBytes">How much a model may answer at the moment.</param>
    public static Turn.Types.Error ResponseTooLargeNow(long maxBytes) =>
        ResponseTooLarge($"The server is running out of memory, and the model answered more than {maxBytes} bytes, the limit at the moment. Retry later.");

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
        Message = "The server failed in a way that it should not have. The log has more.",
    };
}
