using Google.Rpc;

namespace GenAI.Chats.Models.Http;

/// <summary>What an HTTP status of a model's API is to a client of this service.</summary>
internal static class StatusCodes
{
    /// <summary>The code and the reason.</summary>
    public static (Code Code, string Reason) Of(int status) => status switch
    {
        401 or 403 => (Code.FailedPrecondition, ModelErrorReasons.Credentials),
        404 => (Code.NotFound, ModelErrorReasons.NotFound),
        408 or 504 => (Code.DeadlineExceeded, ModelErrorReasons.Timeout),
        429 => (Code.ResourceExhausted, ModelErrorReasons.QuotaExceeded),
        // 499: the API gave up by itself, as it does when it is restarted.
        >= 400 and < 499 => (Code.InvalidArgument, ModelErrorReasons.InvalidRequest),
        _ => (Code.Unavailable, ModelErrorReasons.Unavailable),
    };
}
