using Google.Rpc;

namespace GenAI.Chats.Models.Requests;

/// <summary>The error for a request that is rejected before it is sent.</summary>
internal static class Refusal
{
    /// <summary>Creates an INVALID_ARGUMENT failure.</summary>
    /// <param name="field">The field's name for clients, such as <c>config.top_k</c>.</param>
    /// <param name="rule">The violated rule, which follows the name.</param>
    public static ModelException Of(string field, string rule) =>
        new(Code.InvalidArgument, ModelErrorReasons.InvalidRequest, $"{field} {rule}.");
}
