using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>JSON as the two sides have it: elements of System.Text.Json, values of protobuf.</summary>
internal static class JsonValues
{
    private const string OutputMember = "output";
    private const string ErrorMember = "error";

    /// <summary>A value from JSON.</summary>
    public static Value ToValue(JsonElement json) => Value.Parser.ParseJson(json.GetRawText());

    /// <summary>Arguments of a function: each its JSON.</summary>
    public static Dictionary<string, object?> ToArguments(Struct? args)
    {
        if (args is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(JsonFormatter.Default.Format(args));
        return document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value.Clone());
    }

    /// <summary>An object from arguments of a function.</summary>
    public static Struct ToStruct(IDictionary<string, object?>? arguments) =>
        arguments is null ? new Struct() : Struct.Parser.ParseJson(Serialize(arguments).GetRawText());

    /// <summary>What a function returned, as an object: it is one already, or becomes the member that the contract names for it.</summary>
    public static Struct ToResponse(object? result, Exception? failure)
    {
        var json = Serialize(result ?? failure?.Message);
        if (failure is null && json.ValueKind == JsonValueKind.Object)
        {
            return Struct.Parser.ParseJson(json.GetRawText());
        }

        return new Struct { Fields = { [failure is null ? OutputMember : ErrorMember] = ToValue(json) } };
    }

    private static JsonElement Serialize(object? value) =>
        value as JsonElement? ?? JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value?.GetType() ?? typeof(object)));
}
