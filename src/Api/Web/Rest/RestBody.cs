using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using GenAI.Chats.Api.Web.Json;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.Web.Rest;

/// <summary>Reads request bodies: JSON in UTF-8, of a limited size.</summary>
internal static class RestBody
{
    private const string Json = "application/json";
    private const string Utf8Charset = "utf-8";
    private const string NoEncoding = "identity";

    /// <summary>Reads a body. Null if it is empty.</summary>
    /// <param name="http">The request.</param>
    /// <param name="type">The type of the message, for errors.</param>
    /// <param name="maxBytes">The maximum size.</param>
    /// <exception cref="RpcException">The body isn't JSON, is too large, or arrives too slowly.</exception>
    public static async Task<JsonDocument?> ReadAsync(HttpContext http, MessageDescriptor type, int maxBytes)
    {
        if (!HasBody(http))
        {
            return null;
        }

        CheckHeaders(http.Request, maxBytes);
        var bytes = await ReadBytesAsync(http, type, maxBytes);
        if (bytes.Length == 0)
        {
            return null;
        }

        if (!Utf8.IsValid(bytes))
        {
            throw RpcErrors.Malformed(type, "It isn't valid UTF-8.");
        }

        try
        {
            return JsonDocument.Parse(bytes, ContractJson.DocumentOptions);
        }
        catch (JsonException invalid)
        {
            throw RpcErrors.Malformed(type, invalid.Message);
        }
    }

    /// <summary>Checks that a request has no body.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: the request has a body.</exception>
    public static void CheckEmpty(HttpContext http)
    {
        if (HasBody(http))
        {
            throw RpcErrors.Invalid("body", $"must be empty for {http.Request.Method} requests");
        }
    }

    private static bool HasBody(HttpContext http) =>
        http.Request.ContentLength > 0 || (http.Request.ContentLength is null && http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true);

    private static void CheckHeaders(HttpRequest request, int maxBytes)
    {
        var isJson = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || type.Charset.Equals(Utf8Charset, StringComparison.OrdinalIgnoreCase) || type.Charset == $"\"{Utf8Charset}\"");
        if (!isJson)
        {
            throw RpcErrors.Rejected(RpcErrors.MediaTypeReason, $"The Content-Type must be {Json}, in UTF-8 (got \"{request.ContentType}\").");
        }

        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding && encoding != NoEncoding)
        {
            throw RpcErrors.Rejected(RpcErrors.MediaTypeReason, $"The Content-Encoding \"{encoding}\" isn't supported.");
        }

        if (request.ContentLength > maxBytes)
        {
            throw RpcErrors.MessageTooLarge(maxBytes);
        }
    }

    private static async Task<byte[]> ReadBytesAsync(HttpContext http, MessageDescriptor type, int maxBytes)
    {
        var reader = http.Request.BodyReader;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(http.RequestAborted);
                if (read.Buffer.Length > maxBytes)
                {
                    // The web server reads the rest, or closes the connection.
                    reader.AdvanceTo(read.Buffer.End);
                    throw RpcErrors.MessageTooLarge(maxBytes);
                }

                if (read.IsCompleted)
                {
                    var bytes = read.Buffer.ToArray();
                    reader.AdvanceTo(read.Buffer.End);
                    return bytes;
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException failure)
        {
            throw failure.StatusCode == StatusCodes.Status408RequestTimeout ? RpcErrors.BodyTimeout() : RpcErrors.Malformed(type, failure.Message);
        }
        catch (IOException gone)
        {
            throw new OperationCanceledException("The client has disconnected.", gone);
        }
    }
}
