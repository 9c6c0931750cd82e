namespace GenAI.Chats.Api.Sizes;

/// <summary>The maximum size of the messages that a gRPC client receives. The client has this limit, and the server can't see it.</summary>
internal static class ReceiveLimit
{
    /// <summary>The header with the client's limit in bytes, or -1 if it has none.</summary>
    public const string Header = "x-chat-max-message-bytes";

    /// <summary>gRPC's default limit.</summary>
    public const int Default = 4 * 1024 * 1024;

    private const long Unlimited = -1;

    /// <summary>Returns the limit of a call's client if a message exceeds it: gRPC's default, or a higher one from the header.</summary>
    public static int? IfExceeded(ServerCallContext context, int messageBytes)
    {
        if (messageBytes <= Default)
        {
            return null;
        }

        var limit = Of(context.GetHttpContext().Request.Headers[Header].ToString());
        return messageBytes > limit ? limit : null;
    }

    private static int Of(string header) =>
        !long.TryParse(header, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) ? Default
        : limit == Unlimited ? int.MaxValue
        : (int)Math.Clamp(limit, Default, int.MaxValue);
}
