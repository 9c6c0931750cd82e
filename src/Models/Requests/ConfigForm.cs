using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Requests;

/// <summary>Rules for configs of all providers.</summary>
internal static class ConfigForm
{
    /// <summary>Checks the response schema and the tools.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT, with the field's name.</exception>
    public static void Check(GenerateContentConfig config)
    {
        CheckPair("config.response_schema", config.ResponseSchema, "config.response_json_schema", config.ResponseJsonSchema);
        if ((config.ResponseSchema is not null || config.ResponseJsonSchema is not null) && !config.HasResponseMimeType)
        {
            var field = config.ResponseSchema is null ? "config.response_json_schema" : "config.response_schema";
            throw Refusal.Of(field, "requires response_mime_type \"application/json\"");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < config.Tools.Count; i++)
        {
            CheckTool($"config.tools[{i}]", config.Tools[i], names);
        }
    }

    private static void CheckTool(string field, Tool tool, HashSet<string> names)
    {
        if (tool.CalculateSize() == 0)
        {
            throw Refusal.Of(field, "must set one tool");
        }

        for (var i = 0; i < tool.FunctionDeclarations.Count; i++)
        {
            var declaration = tool.FunctionDeclarations[i];
            var at = $"{field}.function_declarations[{i}]";
            if (declaration.Name.Length == 0)
            {
                throw Refusal.Of($"{at}.name", "is required");
            }

            if (!names.Add(declaration.Name))
            {
                throw Refusal.Of($"{at}.name", $"duplicates the name of another function ('{declaration.Name}')");
            }

            CheckPair($"{at}.parameters", declaration.Parameters, $"{at}.parameters_json_schema", declaration.ParametersJsonSchema);
            CheckPair($"{at}.response", declaration.Response, $"{at}.response_json_schema", declaration.ResponseJsonSchema);
        }
    }

    private static void CheckPair(string field, Schema? schema, string jsonField, Value? jsonSchema)
    {
        if (schema is not null && jsonSchema is not null)
        {
            throw Refusal.Of(field, $"can't be combined with {jsonField[(jsonField.LastIndexOf('.') + 1)..]}");
        }

        if (jsonSchema is not null && jsonSchema.KindCase != Value.KindOneofCase.StructValue)
        {
            throw Refusal.Of(jsonField, "must be a JSON object");
        }
    }
}
