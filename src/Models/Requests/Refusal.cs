using Google.Rpc;

namespace GenAI.Chats.Models.Requests;

/// <summary>What a request is refused with before it is sent.</summary>
internal static class Refusal
{
    /// <summary>INVALID_ARGUMENT, with the field's name.</summary>
    /// <param name="field">As clients write it, such as <c>config.top_k</c>.</param>
    /// <param name="rule">What is wrong with it, after the name.</param>
    public static ModelException Of(string field, string rule) =>
        new(Code.InvalidArgument, ModelErrorReasons.InvalidRequest, $"{field} {rule}.");
}
