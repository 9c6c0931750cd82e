using System.Globalization;
using System.Text;
using Grpc.Core;

namespace GenAI.Chats.Api.Errors;

/// <summary>Answers gRPC calls from outside of the gRPC server: with a status and nothing else.</summary>
internal static class GrpcAnswers
{
    /// <summary>How the content type of every gRPC call begins.</summary>
    public const string ContentType = "application/grpc";

    private const string BinarySuffix = "-bin";

    /// <summary>Refuses a call of which nothing has been read yet.</summary>
    public static void Refuse(HttpResponse response, RpcException error)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType;
        response.Headers["grpc-status"] = ((int)error.StatusCode).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Escaped(error.Status.Detail);
        foreach (var entry in error.Trailers)
        {
            response.Headers[entry.Key] = entry.Key.EndsWith(BinarySuffix, StringComparison.Ordinal) ? Convert.ToBase64String(entry.ValueBytes) : entry.Value;
        }
    }

    // As the protocol wants it: UTF-8, and all but printable ASCII as %XX, the percent sign too.
    private static string Escaped(string message)
    {
        var escaped = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(message))
        {
            _ = value is >= 0x20 and <= 0x7e and not (byte)'%' ? escaped.Append((char)value) : escaped.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }

        return escaped.ToString();
    }
}
