using System.Text.Json.Nodes;
using GenAI.Chats.Api.Web.Rest;
using GenAI.Chats.Api.Web.Streams;
using GenAI.Chats.Api.Web.UiStream;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.Web.OpenApi;

/// <summary>The OpenAPI 3.1 document of the web endpoints, generated from the contract and the routes.</summary>
internal static class OpenApiDocument
{
    private const string Json = "application/json";
    private const string ErrorName = "Error";

    /// <summary>Creates the document.</summary>
    public static JsonObject Create()
    {
        var schemas = new OpenApiSchemas(ProtoComments.Load());
        var paths = new JsonObject();
        foreach (var route in RestRoutes.All)
        {
            Add(paths, route.Path.Pattern, route.HttpMethod, Operation(route, schemas));
        }

        foreach (var route in UiEndpoints.Routes)
        {
            Add(paths, route.Path, route.Method, UiOperations.Create(route));
        }

        var uiSchemas = UiOperations.CreateSchemas(schemas);
        var components = schemas.ToJson();
        foreach (var (name, schema) in uiSchemas)
        {
            components[name] = schema;
        }

        components[ErrorName] = ErrorSchema();
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "GenAI Chats",
                ["version"] = "v1",
                ["description"] = "Durable chats with generative models.",
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = components,
                ["securitySchemes"] = new JsonObject
                {
                    ["apiKey"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "x-api-key" },
                    ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
                },
            },

            // Any of them, or none, as the server is configured.
            ["security"] = new JsonArray(new JsonObject { ["apiKey"] = new JsonArray() }, new JsonObject { ["bearer"] = new JsonArray() }, new JsonObject()),
        };
    }

    /// <summary>Returns a reference to a schema.</summary>
    public static JsonObject Reference(string schema) => new() { ["$ref"] = $"#/components/schemas/{schema}" };

    /// <summary>Creates the description of an error as a response.</summary>
    public static JsonObject ErrorResponse() => new()
    {
        ["description"] = "An error.",
        ["content"] = new JsonObject { [Json] = new JsonObject { ["schema"] = Reference(ErrorName) } },
    };

    private static void Add(JsonObject paths, string path, string method, JsonObject operation)
    {
        var operations = paths[path] as JsonObject ?? (JsonObject)(paths[path] = new JsonObject());
        operations[method.ToLowerInvariant()] = operation;
    }

    private static JsonObject Operation(RestRoute route, OpenApiSchemas schemas)
    {
        var operation = new JsonObject { ["operationId"] = route.Rpc.Name };
        schemas.Describe(operation, route.Rpc.FullName);
        operation["parameters"] = Parameters(route, schemas);
        if (route.Body.Length > 0)
        {
            var type = route.Body == RestRoute.WholeBody ? route.Rpc.InputType : route.Rpc.InputType.FindFieldByName(route.Body).MessageType;
            operation["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = new JsonObject { [Json] = new JsonObject { ["schema"] = schemas.Reference(type) } },
            };
        }

        operation["responses"] = new JsonObject
        {
            ["200"] = Response(route, schemas),
            ["default"] = ErrorResponse(),
        };
        return operation;
    }

    private static JsonArray Parameters(RestRoute route, OpenApiSchemas schemas)
    {
        var parameters = new JsonArray();
        foreach (var variable in route.Path.Variables)
        {
            parameters.Add(new JsonObject
            {
                ["name"] = variable.Parameter,
                ["in"] = "path",
                ["required"] = true,
                ["description"] = variable.Prefix.Length > 0 ? "The ID of the chat." : "The ID of the turn.",
                ["schema"] = new JsonObject { ["type"] = "string" },
            });
        }

        foreach (var field in route.Parameters)
        {
            var schema = schemas.Of(field);
            var parameter = new JsonObject { ["name"] = field.JsonName, ["in"] = "query" };
            if (schema["description"] is { } description)
            {
                schema.Remove("description");
                parameter["description"] = description;
            }

            parameter["schema"] = schema;
            parameters.Add(parameter);
        }

        var type = route.Rpc.InputType;
        AddHeader(RestHeaders.IdempotencyKey, type.FindFieldByName("request_id") is not null, "The same as `requestId`.");
        AddHeader(HeaderNames.IfMatch, type.FindFieldByName("expected_revision") is not null, "The ETag that the chat must have: the same as `expectedRevision`.");
        AddHeader(RestHeaders.LastEventId, route is StreamRoute, "The ID of the last event that the client has.");
        return parameters;

        void AddHeader(string name, bool isSupported, string description)
        {
            if (isSupported)
            {
                parameters.Add(new JsonObject
                {
                    ["name"] = name,
                    ["in"] = "header",
                    ["description"] = description,
                    ["schema"] = new JsonObject { ["type"] = "string" },
                });
            }
        }
    }

    private static JsonObject Response(RestRoute route, OpenApiSchemas schemas)
    {
        var type = route.Rpc.OutputType;
        var schema = type == Empty.Descriptor ? new JsonObject { ["type"] = "object" } : schemas.Reference(type);
        if (route is StreamRoute)
        {
            return new JsonObject
            {
                ["description"] = "A stream of events. Server-sent events have the name of the event's member, and an ID to resume after it.",
                ["content"] = new JsonObject
                {
                    [StreamFrames.EventStream] = new JsonObject { ["schema"] = EventSchema(schema) },
                    [StreamFrames.Lines] = new JsonObject { ["schema"] = EventSchema(schema) },
                },
            };
        }

        return new JsonObject
        {
            ["description"] = "The result.",
            ["content"] = new JsonObject { [Json] = new JsonObject { ["schema"] = schema } },
        };
    }

    private static JsonObject EventSchema(JsonObject schema) =>
        new() { ["type"] = "string", ["contentMediaType"] = Json, ["contentSchema"] = schema.DeepClone() };

    private static JsonObject ErrorSchema() => new()
    {
        ["description"] = "An error, as Google's REST APIs return it.",
        ["type"] = "object",
        ["required"] = new JsonArray("error"),
        ["properties"] = new JsonObject
        {
            ["error"] = new JsonObject
            {
                ["type"] = "object",
                ["required"] = new JsonArray("code", "message", "status"),
                ["properties"] = new JsonObject
                {
                    ["code"] = new JsonObject { ["type"] = "integer", ["description"] = "The HTTP status." },
                    ["message"] = new JsonObject { ["type"] = "string", ["description"] = "A description for people. It can change between releases." },
                    ["status"] = new JsonObject { ["type"] = "string", ["description"] = "The name of the google.rpc.Code." },
                    ["details"] = new JsonObject
                    {
                        ["type"] = "array",
                        ["description"] = "Messages of google.rpc, such as ErrorInfo with the reason.",
                        ["items"] = new JsonObject
                        {
                            ["type"] = "object",
                            ["required"] = new JsonArray("@type"),
                            ["properties"] = new JsonObject { ["@type"] = new JsonObject { ["type"] = "string" } },
                        },
                    },
                },
            },
        },
    };
}
