using System.Text.Json.Nodes;
using GenAI.Chats.Models.Requests;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Models.ChatClients;

/// <summary>Stores members of calls and thoughts for which parts have no fields, and sends them back to the same provider.</summary>
internal static class ChatClientKept
{
    private const string ProtectedData = "protected_data";
    private const string Properties = "additional_properties";

    /// <summary>Returns the provider's name in stored members.</summary>
    public static string SourceOf(string provider) => $"client:{provider.ToLowerInvariant()}";

    /// <summary>Returns the members of a call, or null.</summary>
    public static Struct? ExtraOf(FunctionCallContent call, string source) => ToExtra(PropertiesOf(call), source);

    /// <summary>Returns the members of a protected thought. Null for other thoughts, which can have any number of chunks.</summary>
    public static Struct? ExtraOf(TextReasoningContent thought, string source)
    {
        if (thought.ProtectedData is not { Length: > 0 } data)
        {
            return null;
        }

        var members = PropertiesOf(thought);
        members[ProtectedData] = data;
        return ToExtra(members, source);
    }

    /// <summary>Restores the stored members of a content.</summary>
    public static AIContent Restore(AIContent content, Struct? extra, string source)
    {
        if (KeptMembers.Find(extra, source)?.Members is not { } members)
        {
            return content;
        }

        if (content is TextReasoningContent thought && members[ProtectedData] is JsonValue data && data.TryGetValue(out string? text))
        {
            thought.ProtectedData = text;
        }

        foreach (var (name, value) in members[Properties] as JsonObject ?? [])
        {
            (content.AdditionalProperties ??= [])[name] = JsonSerializer.SerializeToElement(value);
        }

        return content;
    }

    private static JsonObject PropertiesOf(AIContent content)
    {
        var members = new JsonObject();
        foreach (var (name, value) in content.AdditionalProperties ?? [])
        {
            if (ToNode(value) is { } node)
            {
                ((JsonObject)(members[Properties] ??= new JsonObject()))[name] = node;
            }
        }

        return members;
    }

    private static Struct? ToExtra(JsonObject members, string source) =>
        members.Count > 0 ? new KeptMembers(members).ToExtra(source) : null;

    // Values without JSON are internal to the library and useless in another request.
    private static JsonNode? ToNode(object? value)
    {
        try
        {
            return JsonSerializer.SerializeToNode(value, AIJsonUtilities.DefaultOptions);
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
