using System.Text.Json;
using GenAI.Chats.Api.Validation;
using GenAI.Chats.Models.Json;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>A request of <c>useChat</c>: the messages that the page shows, of which only the last one is sent.</summary>
internal sealed class UiRequest
{
    /// <summary>The trigger of a new message, an edit, and outputs of tool calls.</summary>
    public const string Submit = "submit-message";

    /// <summary>The trigger of another response.</summary>
    public const string Regenerate = "regenerate-message";

    private const string User = "user";
    private const string Assistant = "assistant";

    private UiRequest(JsonElement json)
    {
        ChatId = TextOf(json, "id") ?? "";
        MessageId = TextOf(json, "messageId");
        Model = TextOf(json, "model") ?? "";
    }

    /// <summary>Gets the members that a request can have.</summary>
    public static IReadOnlyList<string> Members { get; } = ["id", "messages", "trigger", "messageId", "model", "config"];

    /// <summary>Gets the ID of the chat.</summary>
    public string ChatId { get; }

    /// <summary>Gets the name of the chat.</summary>
    public string Name => $"chats/{ChatId}";

    /// <summary>Gets the message that is edited or regenerated, or that the outputs of tool calls are in. Null: the last one.</summary>
    public string? MessageId { get; }

    /// <summary>Gets whether to generate the response to the last message again.</summary>
    public bool IsRegeneration { get; private init; }

    /// <summary>Gets whether the last message has the outputs of tool calls.</summary>
    public bool HasOutputs { get; private init; }

    /// <summary>Gets whether the last message is the only one of the user.</summary>
    public bool IsFirst { get; private init; }

    /// <summary>Gets the ID of the last message.</summary>
    public string LastId { get; private init; } = "";

    /// <summary>Gets the parts of the last message as the page sent them.</summary>
    public string LastParts { get; private init; } = "";

    /// <summary>Gets the last message.</summary>
    public Content Content { get; private init; } = new();

    /// <summary>Gets the model of the turn, and of a new chat. Empty: the chat's.</summary>
    public string Model { get; }

    /// <summary>Gets the config of the turn, and of a new chat. Null: the chat's.</summary>
    public GenerateContentConfig? Config { get; private init; }

    /// <summary>Reads a request.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: the request is invalid.</exception>
    public static UiRequest Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw RpcErrors.Invalid("body", "must be a JSON object");
        }

        foreach (var member in json.EnumerateObject())
        {
            FieldRules.Require(Members.Contains(member.Name), member.Name, $"isn't a member of the request, which has: {string.Join(", ", Members)}");
        }

        var trigger = TextOf(json, "trigger") ?? Submit;
        FieldRules.Require(trigger is Submit or Regenerate, "trigger", $"must be {Submit} or {Regenerate}");
        FieldRules.Require(TextOf(json, "id") is { } chatId && ChatName.IsId(chatId), "id", ChatName.IdRule);
        var messages = json.TryGetProperty("messages", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToList() : [];
        var isRegeneration = trigger == Regenerate;
        var index = Target(messages, isRegeneration, TextOf(json, "messageId"));
        FieldRules.Require(index >= 0, "messages", "must contain a message of the user");
        var (last, path) = (messages[index], $"messages[{index}]");
        var hasOutputs = TextOf(last, "role") == Assistant;
        var id = TextOf(last, "id") ?? "";
        FieldRules.Require(id.Length > 0, $"{path}.id", "is required");
        var content = hasOutputs ? UiContent.OfOutputs(last, path) : UiContent.OfUser(last, path);
        return new UiRequest(json)
        {
            IsRegeneration = isRegeneration,
            HasOutputs = hasOutputs,
            IsFirst = messages.Count(static message => TextOf(message, "role") == User) == 1,
            LastId = id,
            LastParts = last.GetProperty("parts").GetRawText(),
            Content = content,
            Config = ConfigOf(json),
        };
    }

    /// <summary>Returns a member that is a string. Null if it isn't set, or null.</summary>
    public static string? TextOf(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Text(value, name) : null;

    /// <summary>Returns the parts of a message.</summary>
    public static IEnumerable<JsonElement> PartsOf(JsonElement message, string path) =>
        message.TryGetProperty("parts", out var parts) && parts.ValueKind == JsonValueKind.Array ? parts.EnumerateArray()
        : throw RpcErrors.Invalid($"{path}.parts", "must be a list");

    private static string? Text(JsonElement value, string name)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            throw RpcErrors.Invalid(name, "must be valid text");
        }
    }

    // A regeneration answers the user's last message. Outputs of tool calls can be in an earlier message of the assistant.
    private static int Target(List<JsonElement> messages, bool isRegeneration, string? messageId) =>
        isRegeneration ? messages.FindLastIndex(static message => TextOf(message, "role") == User)
        : messages.Count > 0 && TextOf(messages[^1], "role") is User ? messages.Count - 1
        : messages.FindLastIndex(message => TextOf(message, "role") == Assistant && (messageId is null || TextOf(message, "id") == messageId));

    private static GenerateContentConfig? ConfigOf(JsonElement json)
    {
        if (!json.TryGetProperty("config", out var config) || config.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        try
        {
            return (GenerateContentConfig)RestJson.ReadStrict(GenerateContentConfig.Descriptor, config);
        }
        catch (JsonException invalid)
        {
            throw RpcErrors.Invalid(invalid.Path is { } inner ? $"config.{inner}" : "config", invalid.Message);
        }
    }
}
