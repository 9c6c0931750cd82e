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

        // Clients decode %XX. A space can stay, which keeps the message readable.
        response.Headers["grpc-message"] = Uri.EscapeDataString(error.Status.Detail).Replace("%20", " ", StringComparison.Ordinal);
        foreach (var entry in error.Trailers)
        {
            response.Headers[entry.Key] = entry.Key.EndsWith(BinarySuffix, StringComparison.Ordinal) ? Convert.ToBase64String(entry.ValueBytes) : entry.Value;
        }
    }
}
