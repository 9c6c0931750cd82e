using GenAI.Chats.Engine;

namespace GenAI.Chats.Api.Validation;

/// <summary>Rules for contents.</summary>
internal static class ContentRules
{
    private const string User = "user";
    private const string Model = "model";
    private const int MaxShownRole = 64;

    private static readonly string DataFields = string.Join(", ", Part.Descriptor.Oneofs.Single(static oneof => oneof.Name == "data").Fields.Select(static field => field.Name));

    /// <summary>Checks a user's message: it has the user's role, each part has data, and not all parts are empty texts.</summary>
    public static void CheckMessage(Content? message, string field)
    {
        FieldRules.Require(message is { Parts.Count: > 0 }, field, "must have at least one part");
        if (message!.Role is not ("" or User))
        {
            throw InvalidRole($"{field}.role", "\"user\"", message.Role);
        }

        var hasContent = false;
        for (var i = 0; i < message.Parts.Count; i++)
        {
            var part = message.Parts[i];
            if (part.DataCase == Part.DataOneofCase.None && part.Extra is null or { Fields.Count: 0 })
            {
                throw RpcErrors.Invalid($"{field}.parts[{i}]", $"must set one of: {DataFields}");
            }

            hasContent |= part.DataCase != Part.DataOneofCase.Text || part.Text.Length > 0;
        }

        FieldRules.Require(hasContent, field, "must contain at least one non-empty part");
    }

    /// <summary>Checks the roles of a history. Other rules don't apply, because curation leaves out invalid contents of a model.</summary>
    public static void CheckHistory(IReadOnlyList<Content> history, string field, bool mayBeEmpty = false)
    {
        for (var i = 0; i < history.Count; i++)
        {
            if (history[i].Role is not (User or Model) && !(mayBeEmpty && history[i].Role.Length == 0))
            {
                throw InvalidRole($"{field}[{i}].role", "\"user\" or \"model\"", history[i].Role);
            }
        }
    }

    /// <summary>Checks that no part is incomplete, and the number of contents, parts, and function calls, which limits the work for a request.</summary>
    public static void CheckCounts(IReadOnlyList<Content> contents, string field, ChatsOptions limits)
    {
        CheckCount(contents.Count, limits.MaxContents, "contents");
        var (parts, calls, responses) = (0, 0, 0);
        foreach (var part in contents.SelectMany(static content => content.Parts))
        {
            FieldRules.Require(!part.HasOmittedBytes, field, "must not have parts with omitted_bytes: their data are missing");
            parts++;
            calls += part.DataCase == Part.DataOneofCase.FunctionCall ? 1 : 0;
            responses += part.DataCase == Part.DataOneofCase.FunctionResponse ? 1 : 0;
        }

        CheckCount(parts, limits.MaxParts, "parts");
        CheckCount(calls, limits.MaxFunctionCalls, "function calls");
        CheckCount(responses, limits.MaxFunctionCalls, "function responses");

        void CheckCount(int count, int max, string what)
        {
            if (count > max)
            {
                throw RpcErrors.Invalid(field, $"must have at most {max} {what}", ("limit_value", max));
            }
        }
    }

    private static Grpc.Core.RpcException InvalidRole(string field, string roles, string role)
    {
        var shown = role.Length <= MaxShownRole ? role : $"{role[..MaxShownRole]}...";
        return RpcErrors.Invalid(field, $"must be {roles} (got \"{shown}\")", ("value", shown));
    }
}
