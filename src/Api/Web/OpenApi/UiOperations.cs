using System.Text.Json.Nodes;
using GenAI.Chats.Api.Web.Rest;
using GenAI.Chats.Api.Web.Streams;
using GenAI.Chats.Api.Web.UiStream;
using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.Web.OpenApi;

/// <summary>Describes the routes of the AI SDK's UI message stream. The AI SDK defines the parts of messages and the members of chunks.</summary>
internal static class UiOperations
{
    private const string Json = "application/json";
    private const string Text = "text/plain";
    private const string Request = "UiRequest";
    private const string Message = "UiMessage";
    private const string Chunk = "UiChunk";

    /// <summary>Creates the description of a route.</summary>
    public static JsonObject Create(UiRoute route)
    {
        var (description, parameters, responses) = route.Name switch
        {
            "UiSend" => (
                "Sends the last message of a page, and streams the response. The first message creates the chat.",
                new[] { Header(RestHeaders.IdempotencyKey, "The request ID of the turn, instead of the message's ID."), Header(HeaderNames.IfMatch, "The ETag that the chat must have.") },
                Responses(Text, ("200", Stream()))),
            "UiResume" => (
                "Streams the current response from its beginning.",
                [],
                Responses(Text, ("200", Stream()), ("204", Empty("No response is running, and none has ended within the last minute.")))),
            "UiStop" => (
                "Cancels the turn that is running, if any.",
                [],
                Responses(Json, ("204", Empty("The turn is canceled, or no turn was running.")))),
            "UiListMessages" => (
                "Returns the messages of a chat, oldest first. The list is empty if the chat doesn't exist.",
                new[] { Query(UiEndpoints.LimitParameter, "The number of turns. Defaults to 100; at most 1000."), Query(UiEndpoints.RevisionParameter, "The revision of the last turn.") },
                Responses(Json, ("200", Response("The messages.", Json, Array(Message))))),
            _ => throw new ArgumentException($"{route.Name} has no description.", nameof(route)),
        };
        if (route.Path.Contains($"{{{UiEndpoints.ChatParameter}}}", StringComparison.Ordinal))
        {
            parameters = [Parameter(UiEndpoints.ChatParameter, "path", "The ID of the chat.", "string"), .. parameters];
        }

        var operation = new JsonObject { ["operationId"] = route.Name, ["description"] = description, ["parameters"] = new JsonArray([.. parameters]) };
        if (route.Name == "UiSend")
        {
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(Json, OpenApiDocument.Reference(Request)) };
        }

        operation["responses"] = responses;
        return operation;
    }

    /// <summary>Creates the schemas that the descriptions refer to.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode?>> CreateSchemas(OpenApiSchemas schemas)
    {
        var request = Object("A request of useChat.", ["id", "messages"], UiRequest.Members.Select(name => (name, Member(name, schemas))));
        request["additionalProperties"] = false;
        return new Dictionary<string, JsonNode?>
        {
            [Request] = request,
            [Message] = Object("A message of the AI SDK.", ["id", "role", "parts"], [
                ("id", Value("string", "The request ID of the turn for a message of the user, and the ID of the first turn for a message of the assistant.")),
                ("role", Enum("Who wrote the message.", "user", "assistant")),
                ("metadata", Value("object", "Facts about the turn, such as `turnId`, `revision`, `usage`, and `error`.")),
                ("parts", Described(new JsonObject { ["type"] = "array", ["items"] = Object("A part.", ["type"], [("type", Value("string", "The type."))]) }, "The parts.")),
            ]),
            [Chunk] = Object("A chunk of the UI message stream. The data of the last event is `[DONE]`.", ["type"], [("type", Value("string", "The type."))]),
        };
    }

    private static JsonObject Member(string name, OpenApiSchemas schemas) => name switch
    {
        "id" => Value("string", "The ID of the chat."),
        "messages" => Described(Array(Message), "The messages of the page. Only the last one is sent."),
        "trigger" => Enum("What the page does.", UiRequest.Submit, UiRequest.Regenerate),
        "messageId" => Value("string", "The message that is edited or regenerated, or that the outputs of tool calls are in."),
        "model" => Value("string", "The model of the turn, and of a new chat."),
        "config" => Described(schemas.Reference(GenerateContentConfig.Descriptor), "The config of the turn, and of a new chat."),
        _ => throw new ArgumentException($"{name} has no description.", nameof(name)),
    };

    private static JsonObject Responses(string errorType, params ReadOnlySpan<(string Status, JsonObject Response)> responses)
    {
        var all = new JsonObject();
        foreach (var (status, response) in responses)
        {
            all[status] = response;
        }

        // Errors of authentication are JSON on all routes.
        var error = OpenApiDocument.ErrorResponse();
        if (errorType == Text)
        {
            error["content"]![Text] = new JsonObject { ["schema"] = Value("string", "The message of the error, which the page shows.") };
        }

        all["default"] = error;
        return all;
    }

    private static JsonObject Stream() => Response(
        "Server-sent events with the chunks of the message.",
        StreamFrames.EventStream,
        new JsonObject { ["type"] = "string", ["contentMediaType"] = Json, ["contentSchema"] = OpenApiDocument.Reference(Chunk) });

    private static JsonObject Response(string description, string type, JsonObject schema) => new() { ["description"] = description, ["content"] = Content(type, schema) };

    private static JsonObject Empty(string description) => new() { ["description"] = description };

    private static JsonObject Content(string type, JsonObject schema) => new() { [type] = new JsonObject { ["schema"] = schema } };

    private static JsonObject Header(string name, string description) => Parameter(name, "header", description, "string");

    private static JsonObject Query(string name, string description) => Parameter(name, "query", description, "integer");

    private static JsonObject Parameter(string name, string place, string description, string type)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["description"] = description, ["schema"] = new JsonObject { ["type"] = type } };
        if (place == "path")
        {
            parameter["required"] = true;
        }

        return parameter;
    }

    private static JsonObject Object(string description, string[] required, IEnumerable<(string Name, JsonObject Schema)> properties) => new()
    {
        ["description"] = description,
        ["type"] = "object",
        ["required"] = new JsonArray([.. required.Select(static name => JsonValue.Create(name))]),
        ["properties"] = new JsonObject(properties.Select(static property => KeyValuePair.Create(property.Name, (JsonNode?)property.Schema))),
    };

    private static JsonObject Array(string schema) => new() { ["type"] = "array", ["items"] = OpenApiDocument.Reference(schema) };

    private static JsonObject Value(string type, string description) => new() { ["type"] = type, ["description"] = description };

    private static JsonObject Enum(string description, params string[] values) =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. values.Select(static value => JsonValue.Create(value))]), ["description"] = description };

    private static JsonObject Described(JsonObject schema, string description)
    {
        schema["description"] = description;
        return schema;
    }
}
