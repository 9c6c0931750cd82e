using Google.Rpc;

namespace GenAI.Chats.Models.Http;

/// <summary>Converts the HTTP status codes of model APIs.</summary>
internal static class StatusCodes
{
    /// <summary>Returns the gRPC code and the reason.</summary>
    public static (Code Code, string Reason) Of(int status) => status switch
    {
        401 or 403 => (Code.FailedPrecondition, ModelErrorReasons.Credentials),
        404 => (Code.NotFound, ModelErrorReasons.NotFound),
        408 or 504 => (Code.DeadlineExceeded, ModelErrorReasons.Timeout),
        429 => (Code.ResourceExhausted, ModelErrorReasons.QuotaExceeded),
        // 499: the API canceled the request itself, for example because it restarts.
        >= 400 and < 499 => (Code.InvalidArgument, ModelErrorReasons.InvalidRequest),
        _ => (Code.Unavailable, ModelErrorReasons.Unavailable),
    };
}
