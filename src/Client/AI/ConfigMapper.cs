using System.Text.Json;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>Maps options of Microsoft.Extensions.AI to a config.</summary>
internal static class ConfigMapper
{
    private const string JsonMimeType = "application/json";

    /// <summary>Returns the config for options. Null if no option is set.</summary>
    public static GenerateContentConfig? ToConfig(ChatOptions? options, IChatClient client)
    {
        if (options is null)
        {
            return null;
        }

        var config = (options.RawRepresentationFactory?.Invoke(client) as GenerateContentConfig)?.Clone() ?? new GenerateContentConfig();
        Set(options.Temperature, v => config.Temperature = Exact(v));
        Set(options.TopP, v => config.TopP = Exact(v));
        Set(options.TopK, v => config.TopK = v);
        Set(options.MaxOutputTokens, v => config.MaxOutputTokens = v);
        Set(options.PresencePenalty, v => config.PresencePenalty = Exact(v));
        Set(options.FrequencyPenalty, v => config.FrequencyPenalty = Exact(v));
        Set(options.Seed, v => config.Seed = checked((int)v));
        config.StopSequences.Add(options.StopSequences ?? []);
        if (options.Instructions is { Length: > 0 } instructions)
        {
            config.SystemInstruction = new Content { Role = Roles.User, Parts = { new Part { Text = instructions } } };
        }

        SetFormat(config, options.ResponseFormat);
        SetTools(config, options.Tools ?? []);
        SetToolMode(config, options.ToolMode);
        SetReasoning(config, options.Reasoning);
        return config.CalculateSize() > 0 ? config : null;
    }

    private static void Set<T>(T? value, Action<T> set)
        where T : struct
    {
        if (value is { } given)
        {
            set(given);
        }
    }

    // The decimal value, because the float 0.2 is the double 0.20000000298.
    private static double Exact(float value) => (double)(decimal)value;

    private static void SetFormat(GenerateContentConfig config, ChatResponseFormat? format)
    {
        if (format is ChatResponseFormatJson json)
        {
            config.ResponseMimeType = JsonMimeType;
            config.ResponseJsonSchema = json.Schema is { } schema ? JsonValues.ToValue(schema) : config.ResponseJsonSchema;
        }
    }

    private static void SetTools(GenerateContentConfig config, IList<AITool> tools)
    {
        config.Tools.Add(tools.Where(tool => tool is not AIFunctionDeclaration).Select(tool => tool switch
        {
            HostedWebSearchTool => new Tool { GoogleSearch = new Tool.Types.GoogleSearch() },
            HostedCodeInterpreterTool => new Tool { CodeExecution = new Tool.Types.CodeExecution() },
            _ => throw new NotSupportedException($"Tool type '{tool.GetType().Name}' isn't supported."),
        }));
        if (tools.OfType<AIFunctionDeclaration>().Select(Declare).ToList() is { Count: > 0 } functions)
        {
            config.Tools.Add(new Tool { FunctionDeclarations = { functions } });
        }
    }

    // A function without parameters is declared without a schema: models reject an object without properties.
    private static FunctionDeclaration Declare(AIFunctionDeclaration function) => new()
    {
        Name = function.Name,
        Description = function.Description,
        ParametersJsonSchema = function.JsonSchema.TryGetProperty("properties", out var properties)
            && properties.ValueKind == JsonValueKind.Object && properties.EnumerateObject().Any()
            ? JsonValues.ToValue(function.JsonSchema)
            : null,
        ResponseJsonSchema = function.ReturnJsonSchema is { } returns ? JsonValues.ToValue(returns) : null,
    };

    private static void SetToolMode(GenerateContentConfig config, ChatToolMode? mode)
    {
        if (mode is null)
        {
            return;
        }

        var calling = new ToolConfig.Types.FunctionCallingConfig { Mode = mode switch { NoneChatToolMode => "NONE", RequiredChatToolMode => "ANY", _ => "AUTO" } };
        if (mode is RequiredChatToolMode { RequiredFunctionName: { } name })
        {
            calling.AllowedFunctionNames.Add(name);
        }

        config.ToolConfig ??= new ToolConfig();
        config.ToolConfig.FunctionCallingConfig = calling;
    }

    private static void SetReasoning(GenerateContentConfig config, ReasoningOptions? reasoning)
    {
        if (reasoning is null)
        {
            return;
        }

        var thinking = config.ThinkingConfig ??= new ThinkingConfig();
        Set(reasoning.Output, output => thinking.IncludeThoughts = output != ReasoningOutput.None);
        if (reasoning.Effort is ReasoningEffort.None)
        {
            thinking.ThinkingBudget = 0;
        }
        else if (reasoning.Effort is { } effort)
        {
            thinking.ThinkingLevel = effort switch { ReasoningEffort.Low => "LOW", ReasoningEffort.Medium => "MEDIUM", _ => "HIGH" };
        }
    }
}
