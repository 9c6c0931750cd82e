using GenAI.Chats.Api.Errors;
using GenAI.Chats.Engine;
using GenAI.Chats.V1;

namespace GenAI.Chats.Api.Validation;

/// <summary>What contents have to be like.</summary>
internal static class ContentRules
{
    private const string User = "user";
    private const string Model = "model";

    /// <summary>A user's message: something to answer, in the user's role, each part with data.</summary>
    public static void CheckMessage(Content? message, string field)
    {
        if (message is null || message.Parts.Count == 0)
        {
            throw RpcErrors.Invalid(field, "must have at least one part");
        }

        if (message.Role is not ("" or User))
        {
            throw RpcErrors.Invalid($"{field}.role", $"must be user or empty, but is {Shown(message.Role)}");
        }

        var says = false;
        for (var i = 0; i < message.Parts.Count; i++)
        {
            var part = message.Parts[i];
            if (part.DataCase == Part.DataOneofCase.None && part.Extra is null or { Fields.Count: 0 })
            {
                throw RpcErrors.Invalid($"{field}.parts[{i}]", "must have data: a text, an inline_data, a function_response ...");
            }

            says |= part.DataCase != Part.DataOneofCase.Text || part.Text.Length > 0;
        }

        if (!says)
        {
            throw RpcErrors.Invalid(field, "must not be empty text");
        }
    }

    /// <summary>Contents of a history: any, but for their roles. Where a model's is invalid, curation leaves it out.</summary>
    public static void CheckHistory(IReadOnlyList<Content> history, string field, bool mayBeEmpty = false)
    {
        for (var i = 0; i < history.Count; i++)
        {
            if (history[i].Role is not (User or Model) && !(mayBeEmpty && history[i].Role.Length == 0))
            {
                throw RpcErrors.Invalid($"{field}[{i}].role", $"must be user or model, but is {Shown(history[i].Role)}");
            }
        }
    }

    /// <summary>How many contents, parts, and function calls a request may have: what is done with each of them must not add up to hours.</summary>
    public static void CheckCounts(IReadOnlyList<Content> contents, string field, ChatsOptions limits)
    {
        if (contents.Count > limits.MaxContents)
        {
            throw RpcErrors.Invalid(field, $"must have at most {limits.MaxContents} contents");
        }

        var (parts, calls, responses) = (0, 0, 0);
        foreach (var part in contents.SelectMany(static content => content.Parts))
        {
            parts++;
            calls += part.DataCase == Part.DataOneofCase.FunctionCall ? 1 : 0;
            responses += part.DataCase == Part.DataOneofCase.FunctionResponse ? 1 : 0;
        }

        if (parts > limits.MaxParts)
        {
            throw RpcErrors.Invalid(field, $"must have at most {limits.MaxParts} parts");
        }

        if (Math.Max(calls, responses) > limits.MaxFunctionCalls)
        {
            throw RpcErrors.Invalid(field, $"must have at most {limits.MaxFunctionCalls} function calls, and as many function responses");
        }
    }

    private static string Shown(string role) => role.Length switch
    {
        0 => "empty",
        <= 64 => $"'{role}'",
        _ => $"'{role[..64]}...'",
    };
}
