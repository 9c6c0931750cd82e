using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Microsoft.Net.Http.Headers;
using HttpResponse = Microsoft.AspNetCore.Http.HttpResponse;

namespace GenAI.Chats.Api.Errors;

/// <summary>Writes statuses as HTTP errors: the HTTP status of the code, and the JSON that Google's REST APIs return.</summary>
internal static class HttpErrors
{
    /// <summary>The content type of errors.</summary>
    public const string ContentType = "application/json";

    private const int StatusClientClosedRequest = 499;

    private static readonly EnumDescriptor Codes = CodeReflection.Descriptor.FindTypeByName<EnumDescriptor>(nameof(Code));

    private static readonly JsonFormatter Details = new(new JsonFormatter.Settings(false, TypeRegistry.FromFiles(ErrorDetailsReflection.Descriptor)));

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an error as the response.</summary>
    /// <param name="response">The response, which hasn't started.</param>
    /// <param name="error">The error.</param>
    /// <param name="status">The HTTP status. If null, the status of the error's code.</param>
    public static Task WriteAsync(HttpResponse response, RpcException error, int? status = null)
    {
        var httpStatus = status ?? StatusOf(error);
        return WriteAsync(response, error, httpStatus, ContentType, Json(error, httpStatus));
    }

    /// <summary>Writes only the message of an error as the response, for clients that show it as it is.</summary>
    public static Task WriteTextAsync(HttpResponse response, RpcException error) =>
        WriteAsync(response, error, StatusOf(error), "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(error.Status.Detail));

    /// <summary>Writes the error for a URL that isn't a route, or that doesn't have the request's method.</summary>
    /// <param name="http">The request.</param>
    /// <param name="methods">The methods that the URL has.</param>
    public static Task WriteNoRouteAsync(HttpContext http, IEnumerable<string> methods)
    {
        var allowed = string.Join(", ", methods);
        if (allowed.Length == 0)
        {
            return WriteAsync(http.Response, RpcErrors.NoRoute("URL_NOT_FOUND", $"'{Text.Cut(http.Request.Path.Value ?? "", Text.MaxValueBytes)}' isn't a path of the API."));
        }

        http.Response.Headers.Allow = allowed;
        return WriteAsync(http.Response, RpcErrors.NoRoute(RpcErrors.HttpMethodReason, $"The method must be one of: {allowed}."));
    }

    private static Task WriteAsync(HttpResponse response, RpcException error, int status, string contentType, byte[] body)
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        response.Headers[HeaderNames.CacheControl] = "no-store";
        response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";
        if (RetryDelay(error) is { } delay)
        {
            response.Headers[HeaderNames.RetryAfter] = Math.Ceiling(delay.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        response.ContentLength = body.Length;
        return HttpMethods.IsHead(response.HttpContext.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>Returns an error as JSON: <c>{"error": {"code", "message", "status", "details"}}</c>.</summary>
    public static byte[] Json(RpcException error, int? status = null)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartObject("error");
            json.WriteNumber("code", status ?? StatusOf(error));
            json.WriteString("message", error.Status.Detail);
            json.WriteString("status", NameOf(error.StatusCode));
            if (error.GetRpcStatus()?.Details is { Count: > 0 } details)
            {
                json.WriteStartArray("details");
                foreach (var detail in details)
                {
                    json.WriteRawValue(Details.Format(detail));
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Returns the HTTP status of an error: that of its reason, if HTTP has one, or of its code.</summary>
    public static int StatusOf(RpcException error) => RpcErrors.ReasonOf(error) switch
    {
        RpcErrors.MessageTooLargeReason => StatusCodes.Status413PayloadTooLarge,
        RpcErrors.MediaTypeReason => StatusCodes.Status415UnsupportedMediaType,
        RpcErrors.HttpMethodReason => StatusCodes.Status405MethodNotAllowed,
        RpcErrors.RequestTimeoutReason => StatusCodes.Status408RequestTimeout,
        _ => StatusOf(error.StatusCode),
    };

    private static int StatusOf(StatusCode code) => code switch
    {
        StatusCode.OK => StatusCodes.Status200OK,
        StatusCode.Cancelled => StatusClientClosedRequest,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => StatusCodes.Status400BadRequest,
        StatusCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        StatusCode.NotFound => StatusCodes.Status404NotFound,
        StatusCode.AlreadyExists or StatusCode.Aborted => StatusCodes.Status409Conflict,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        StatusCode.Unimplemented => StatusCodes.Status501NotImplemented,
        StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Returns the delay after which a retry can help, if the error has one.</summary>
    public static TimeSpan? RetryDelay(RpcException error) => error.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan();

    /// <summary>Returns the name of a code, such as RESOURCE_EXHAUSTED.</summary>
    public static string NameOf(StatusCode code) => Codes.FindValueByNumber((int)code).Name;
}
