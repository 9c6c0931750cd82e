using Google.Rpc;

namespace GenAI.Chats.Api.Errors;

/// <summary>
/// Derives the standard details of a status from its code, reason, and metadata: ResourceInfo for NOT_FOUND and ALREADY_EXISTS, QuotaFailure for
/// RESOURCE_EXHAUSTED, and PreconditionFailure for FAILED_PRECONDITION.
/// </summary>
internal static class StandardDetails
{
    private const string ChatType = "genai.chats.v1.Chat";
    private const string TurnType = "genai.chats.v1.Turn";

    /// <summary>Returns the details, or null if the code has none, or the resource isn't known.</summary>
    public static IMessage? Of(Code code, ErrorInfo info, string message) => code switch
    {
        Code.NotFound or Code.AlreadyExists => Resource(info, message),
        Code.ResourceExhausted => new QuotaFailure { Violations = { Violation(info, message) } },
        Code.FailedPrecondition => new PreconditionFailure
        {
            Violations =
            {
                new PreconditionFailure.Types.Violation { Type = info.Reason, Subject = Subject(info), Description = Text.Cut(message, Text.MaxValueBytes) },
            },
        },
        _ => null,
    };

    private static ResourceInfo? Resource(ErrorInfo info, string message)
    {
        if (!info.Metadata.TryGetValue(RpcErrors.NameKey, out var name))
        {
            return null;
        }

        var isTurn = info.Metadata.TryGetValue("turn", out var turn);
        return new ResourceInfo
        {
            ResourceType = isTurn ? TurnType : ChatType,
            ResourceName = isTurn ? $"{name}/turns/{turn}" : name,
            Description = Text.Cut(message, Text.MaxValueBytes),
        };
    }

    private static QuotaFailure.Types.Violation Violation(ErrorInfo info, string message)
    {
        var violation = new QuotaFailure.Types.Violation
        {
            Subject = Subject(info),
            QuotaId = info.Metadata.TryGetValue("limit", out var limit) ? limit : info.Reason,
            Description = Text.Cut(message, Text.MaxValueBytes),
        };
        if (info.Metadata.TryGetValue("limit_value", out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var value))
        {
            violation.QuotaValue = value;
        }

        return violation;
    }

    // What the quota or condition belongs to. Errors of turns, such as a model's quota, name their turn.
    private static string Subject(ErrorInfo info) => info.Reason switch
    {
        _ when info.Reason.StartsWith("TENANT_", StringComparison.Ordinal) => "tenant",
        "TOO_MANY_CHATS" => "tenant",
        "SERVER_BUSY" or "SERVER_MEMORY" => "server",
        _ when info.Metadata.TryGetValue("turn_id", out var turnId) => $"turns/{turnId}",
        _ => info.Metadata.TryGetValue(RpcErrors.NameKey, out var name) ? name : "request",
    };
}
