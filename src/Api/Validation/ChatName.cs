namespace GenAI.Chats.Api.Validation;

/// <summary>Names of chats (<c>chats/{chat_id}</c>), and the creation of chat IDs.</summary>
internal static partial class ChatName
{
    private const string Prefix = "chats/";
    private const string IdPattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";

    /// <summary>The rule for chat IDs.</summary>
    public const string IdRule = $"must match {IdPattern}";

    /// <summary>Returns the chat ID in a name.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: the name is invalid.</exception>
    public static string IdOf(string name, string field)
    {
        if (name.StartsWith(Prefix, StringComparison.Ordinal) && IsId(name[Prefix.Length..]))
        {
            return name[Prefix.Length..];
        }

        throw RpcErrors.Invalid(field, $"must have the format chats/{{chat_id}}, where chat_id matches {IdPattern}", ("value", name));
    }

    /// <summary>Returns the name of the chat with an ID.</summary>
    public static string Of(string chatId) => Prefix + chatId;

    /// <summary>Indicates whether a text is a valid chat ID.</summary>
    public static bool IsId(string text) => Id().IsMatch(text);

    /// <summary>
    /// Creates a chat ID. The same request ID gives the same chat ID, so that a creation that is sent again finds the chat that it created.
    /// </summary>
    public static string NewId(string tenant, string requestId) => requestId.Length == 0
        ? Guid.CreateVersion7().ToString("N")
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}/{requestId}")).AsSpan(0, 16));

    [GeneratedRegex($@"\A{IdPattern}\z")]
    private static partial Regex Id();
}
