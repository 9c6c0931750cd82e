using System.Text.Json.Nodes;

namespace GenAI.Chats.Models.Requests;

/// <summary>The functions that a model can call in a turn, in terms that all providers share.</summary>
/// <param name="Functions">The functions.</param>
/// <param name="Mode">Whether the model calls functions: <c>auto</c>, <c>required</c>, <c>none</c>, or null for the provider's default.</param>
internal sealed record PortableTools(IReadOnlyList<PortableFunction> Functions, string? Mode)
{
    /// <summary>Reads the tools of a config that <see cref="PortableConfig"/> has checked.</summary>
    /// <remarks>Functions that the config doesn't allow are left out, which prevents calls with every provider.</remarks>
    /// <exception cref="ModelException">INVALID_ARGUMENT, with the field's name.</exception>
    public static PortableTools Of(GenerateContentConfig config, string provider)
    {
        var functions = new List<PortableFunction>();
        foreach (var (i, tool) in config.Tools.Index())
        {
            PortableConfig.CheckFields(tool, $"config.tools[{i}]", provider, "function_declarations");
            functions.AddRange(tool.FunctionDeclarations.Select(
                (declaration, j) => Read(declaration, $"config.tools[{i}].function_declarations[{j}]", provider)));
        }

        if (config.ToolConfig is { } toolConfig)
        {
            PortableConfig.CheckFields(toolConfig, "config.tool_config", provider, "function_calling_config");
        }

        return config.ToolConfig?.FunctionCallingConfig is { } calling
            ? Choose(functions, calling, provider)
            : new PortableTools(functions, null);
    }

    private static PortableTools Choose(List<PortableFunction> functions, ToolConfig.Types.FunctionCallingConfig calling, string provider)
    {
        const string Name = "config.tool_config.function_calling_config";
        PortableConfig.CheckFields(calling, Name, provider, "mode", "allowed_function_names");
        var allowed = calling.AllowedFunctionNames;
        var unknown = allowed.FirstOrDefault(name => functions.All(function => function.Name != name));
        Refusal.If(unknown is not null, $"{Name}.allowed_function_names", $"contains '{unknown}', which isn't declared in tools");
        var mode = calling.Mode switch
        {
            "" or "MODE_UNSPECIFIED" => null,
            "AUTO" => "auto",
            "ANY" => "required",
            "NONE" => "none",
            _ => throw Refusal.Of($"{Name}.mode", $"is '{calling.Mode}'; {provider} supports AUTO, ANY, and NONE"),
        };
        return new PortableTools(
            allowed.Count == 0 ? functions : [.. functions.Where(function => allowed.Contains(function.Name))], mode);
    }

    private static PortableFunction Read(FunctionDeclaration declaration, string name, string provider)
    {
        PortableConfig.CheckFields(
            declaration, name, provider, "name", "description", "parameters", "parameters_json_schema", "response", "response_json_schema");
        return new PortableFunction(
            declaration.Name,
            declaration.Description,
            JsonSchemas.Of(declaration.Parameters, declaration.ParametersJsonSchema),
            JsonSchemas.Of(declaration.Response, declaration.ResponseJsonSchema));
    }
}

/// <summary>A function that a model can call.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">The description. It can be empty.</param>
/// <param name="Parameters">The JSON Schema of the arguments. If null, there are none.</param>
/// <param name="Response">The JSON Schema of the response, if it is known.</param>
internal sealed record PortableFunction(string Name, string Description, JsonObject? Parameters, JsonObject? Response);
