using System.Globalization;
using System.Text;
using Grpc.Core;

namespace GenAI.Chats.Api.Errors;

/// <summary>Writes responses to gRPC calls outside of the gRPC server: a status and nothing else.</summary>
internal static class GrpcErrorResponse
{
    /// <summary>The start of every gRPC call's content type.</summary>
    public const string ContentType = "application/grpc";

    private const string BinarySuffix = "-bin";

    /// <summary>Writes the response to a call before its body is read.</summary>
    public static void Write(HttpResponse response, RpcException error)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType;
        response.Headers["grpc-status"] = ((int)error.StatusCode).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Escape(error.Status.Detail);
        foreach (var entry in error.Trailers)
        {
            response.Headers[entry.Key] = entry.Key.EndsWith(BinarySuffix, StringComparison.Ordinal) ? Convert.ToBase64String(entry.ValueBytes) : entry.Value;
        }
    }

    // As the protocol requires: UTF-8, with everything but printable ASCII, and the percent sign, as %XX.
    private static string Escape(string message)
    {
        var escaped = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(message))
        {
            _ = value is >= 0x20 and <= 0x7e and not (byte)'%' ? escaped.Append((char)value) : escaped.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }

        return escaped.ToString();
    }
}
