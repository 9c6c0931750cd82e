using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using GenAI.Chats.Api.Errors;

namespace GenAI.Chats.Api.Validation;

/// <summary>Names of chats: <c>chats/{chat_id}</c>, and how ids are chosen where the client does not.</summary>
internal static partial class ChatName
{
    private const string Prefix = "chats/";

    /// <summary>What a chat's id may look like.</summary>
    public const string IdRule = "must match [A-Za-z0-9][A-Za-z0-9._-]{0,127}";

    /// <summary>The id in a name.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: it is no such name.</exception>
    public static string IdOf(string name, string field)
    {
        if (name.StartsWith(Prefix, StringComparison.Ordinal) && IsId(name[Prefix.Length..]))
        {
            return name[Prefix.Length..];
        }

        throw RpcErrors.Invalid(field, $"must be chats/{{chat_id}}, whose chat_id {IdRule}");
    }

    /// <summary>Whether a text can be a chat's id.</summary>
    public static bool IsId(string text) => Id().IsMatch(text);

    /// <summary>
    /// Chooses an id. A creation that is sent again with its request id must find the chat that it made: the same one gives the same id.
    /// </summary>
    public static string NewId(string tenant, string requestId) => requestId.Length == 0
        ? Guid.CreateVersion7().ToString("N")
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}/{requestId}")).AsSpan(0, 16));

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex Id();
}
