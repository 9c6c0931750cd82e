using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Requests;

/// <summary>The functions that a turn's model may call, and whether it must, in the terms that models of all makers share.</summary>
/// <param name="Functions">Those that may be called.</param>
/// <param name="Mode">What of it the model may choose.</param>
internal sealed record PortableTools(IReadOnlyList<PortableFunction> Functions, FunctionChoice Mode)
{
    /// <summary>Reads the tools of a config that <see cref="PortableConfig"/> has checked.</summary>
    /// <remarks>
    /// Functions that the config does not allow are left out: that is how a model is kept from calling them everywhere.
    /// </remarks>
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
            throw Refusal.Of($"{Name}.allowed_function_names", $"has '{unknown}', which no tool declares");
        }

        var mode = calling.Mode switch
        {
            "" or "MODE_UNSPECIFIED" => FunctionChoice.Unset,
            "AUTO" => FunctionChoice.Auto,
            "ANY" => FunctionChoice.Required,
            "NONE" => FunctionChoice.None,
            _ => throw Refusal.Of($"{Name}.mode", $"is '{calling.Mode}': {provider} takes AUTO, ANY and NONE"),
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

/// <summary>A function that a model may call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does; may be empty.</param>
/// <param name="Parameters">The JSON Schema of its arguments; null: it has none.</param>
/// <param name="Response">The JSON Schema of what it returns; null: it is not said.</param>
internal sealed record PortableFunction(string Name, string Description, JsonObject? Parameters, JsonObject? Response);

/// <summary>Whether a model calls functions.</summary>
internal enum FunctionChoice
{
    /// <summary>As the provider has it.</summary>
    Unset,

    /// <summary>As it likes.</summary>
    Auto,

    /// <summary>It must.</summary>
    Required,

    /// <summary>It must not.</summary>
    None,
}
