namespace GenAI.Chats.Models.Requests;

/// <summary>Rules for configs of all providers.</summary>
internal static class ConfigForm
{
    /// <summary>Checks the response schema and the tools.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT, with the field's name.</exception>
    public static void Check(GenerateContentConfig config)
    {
        CheckSchemas("config.", "response_schema", config.ResponseSchema, "response_json_schema", config.ResponseJsonSchema);
        Refusal.If(
            (config.ResponseSchema is not null || config.ResponseJsonSchema is not null) && !config.HasResponseMimeType,
            config.ResponseSchema is null ? "config.response_json_schema" : "config.response_schema",
            "requires response_mime_type \"application/json\"");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, tool) in config.Tools.Index())
        {
            CheckTool($"config.tools[{index}]", tool, names);
        }
    }

    private static void CheckTool(string field, Tool tool, HashSet<string> names)
    {
        Refusal.If(tool.CalculateSize() == 0, field, "must set one tool");
        foreach (var (index, declaration) in tool.FunctionDeclarations.Index())
        {
            var at = $"{field}.function_declarations[{index}].";
            Refusal.If(declaration.Name.Length == 0, $"{at}name", "is required");
            Refusal.If(!names.Add(declaration.Name), $"{at}name", $"duplicates the name of another function ('{declaration.Name}')");
            CheckSchemas(at, "parameters", declaration.Parameters, "parameters_json_schema", declaration.ParametersJsonSchema);
            CheckSchemas(at, "response", declaration.Response, "response_json_schema", declaration.ResponseJsonSchema);
        }
    }

    private static void CheckSchemas(string at, string field, Schema? schema, string jsonField, Value? jsonSchema)
    {
        Refusal.If(schema is not null && jsonSchema is not null, at + field, $"can't be combined with {jsonField}");
        Refusal.If(jsonSchema is not null && jsonSchema.KindCase != Value.KindOneofCase.StructValue, at + jsonField, "must be a JSON object");
    }
}
