using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Requests;

/// <summary>The functions that a model can call in a turn, in terms that all providers share.</summary>
/// <param name="Functions">The functions.</param>
/// <param name="Mode">Whether the model calls functions.</param>
internal sealed record PortableTools(IReadOnlyList<PortableFunction> Functions, FunctionChoice Mode)
{
    /// <summary>Reads the tools of a config that <see cref="PortableConfig"/> has checked.</summary>
    /// <remarks>Functions that the config doesn't allow are left out, which prevents calls with every provider.</remarks>
    /// <exception cref="ModelException">INVALID_ARGUMENT, with the field's name.</exception>
    public static PortableTools Of(GenerateContentConfig config, string provider)
    {
        var functions = new List<PortableFunction>();
        for (var i = 0; i < config.Tools.Count; i++)
        {
            PortableConfig.CheckFields(config.Tools[i], $"config.tools[{i}]", provider, Tool.FunctionDeclarationsFieldNumber);
            for (var j = 0; j < config.Tools[i].FunctionDeclarations.Count; j++)
            {
                functions.Add(Read(config.Tools[i].FunctionDeclarations[j], $"config.tools[{i}].function_declarations[{j}]", provider));
            }
        }

        if (config.ToolConfig is not { } toolConfig)
        {
            return new PortableTools(functions, FunctionChoice.Unset);
        }

        PortableConfig.CheckFields(toolConfig, "config.tool_config", provider, ToolConfig.FunctionCallingConfigFieldNumber);
        return toolConfig.FunctionCallingConfig is { } calling
            ? Choose(functions, calling, provider)
            : new PortableTools(functions, FunctionChoice.Unset);
    }

    private static PortableTools Choose(List<PortableFunction> functions, ToolConfig.Types.FunctionCallingConfig calling, string provider)
    {
        const string Name = "config.tool_config.function_calling_config";
        PortableConfig.CheckFields(
            calling,
            Name,
            provider,
            ToolConfig.Types.FunctionCallingConfig.ModeFieldNumber,
            ToolConfig.Types.FunctionCallingConfig.AllowedFunctionNamesFieldNumber);
        var allowed = calling.AllowedFunctionNames;
        if (allowed.FirstOrDefault(name => functions.All(function => function.Name != name)) is { } unknown)
        {
            throw Refusal.Of($"{Name}.allowed_function_names", $"contains '{unknown}', which isn't declared in tools");
        }

        var mode = calling.Mode switch
        {
            "" or "MODE_UNSPECIFIED" => FunctionChoice.Unset,
            "AUTO" => FunctionChoice.Auto,
            "ANY" => FunctionChoice.Required,
            "NONE" => FunctionChoice.None,
            _ => throw Refusal.Of($"{Name}.mode", $"is '{calling.Mode}'; {provider} supports AUTO, ANY, and NONE"),
        };
        return new PortableTools(
            allowed.Count == 0 ? functions : [.. functions.Where(function => allowed.Contains(function.Name))], mode);
    }

    private static PortableFunction Read(FunctionDeclaration declaration, string name, string provider)
    {
        PortableConfig.CheckFields(
            declaration,
            name,
            provider,
            FunctionDeclaration.NameFieldNumber,
            FunctionDeclaration.DescriptionFieldNumber,
            FunctionDeclaration.ParametersFieldNumber,
            FunctionDeclaration.ParametersJsonSchemaFieldNumber,
            FunctionDeclaration.ResponseFieldNumber,
            FunctionDeclaration.ResponseJsonSchemaFieldNumber);
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

/// <summary>Whether a model calls functions.</summary>
internal enum FunctionChoice
{
    /// <summary>The provider's default.</summary>
    Unset,

    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>The model must call a function.</summary>
    Required,

    /// <summary>The model must not call functions.</summary>
    None,
}
