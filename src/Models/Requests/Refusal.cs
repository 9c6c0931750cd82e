namespace GenAI.Chats.Models.Requests;

/// <summary>The error for a request that is rejected before it is sent.</summary>
internal static class Refusal
{
    /// <summary>Creates an INVALID_ARGUMENT failure.</summary>
    /// <param name="field">The field's name for clients, such as <c>config.top_k</c>.</param>
    /// <param name="rule">The violated rule, which follows the name.</param>
    public static ModelException Of(string field, string rule) => new(ModelErrorReasons.InvalidRequest, $"{field} {rule}.");

    /// <summary>Throws such a failure if the rule is violated.</summary>
    public static void If(bool isViolated, string field, string rule)
    {
        if (isViolated)
        {
            throw Of(field, rule);
        }
    }
}
