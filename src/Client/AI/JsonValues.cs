using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>Converts JSON between elements of System.Text.Json and values of protobuf.</summary>
internal static class JsonValues
{
    private const string OutputMember = "output";
    private const string ErrorMember = "error";

    /// <summary>Converts JSON to a value. Numbers become the nearest doubles.</summary>
    public static Value ToValue(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => Value.ForStruct(ToStructOnly(json)),
        JsonValueKind.Array => Value.ForList([.. json.EnumerateArray().Select(ToValue)]),
        JsonValueKind.String => Value.ForString(json.GetString()),
        JsonValueKind.Number => Value.ForNumber(Math.Clamp(json.GetDouble(), double.MinValue, double.MaxValue)),
        JsonValueKind.True or JsonValueKind.False => Value.ForBool(json.GetBoolean()),
        _ => Value.ForNull(),
    };

    /// <summary>Returns the arguments of a function call, each as its exact JSON.</summary>
    public static Dictionary<string, object?> ToArguments(Struct? args, ExactJson? exact)
    {
        using var document = JsonDocument.Parse(JsonFormatter.Default.Format(args ?? new Struct()));
        var arguments = document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value.Clone());
        foreach (var (name, text) in exact?.Members ?? [])
        {
            try
            {
                using var json = JsonDocument.Parse(text);
                arguments[name] = json.RootElement.Clone();
            }
            catch (JsonException)
            {
                // Another client's value, which is ignored.
            }
        }

        return arguments;
    }

    /// <summary>Converts the arguments of a function call to a struct, and returns the members that a struct can't hold exactly.</summary>
    public static (Struct Args, ExactJson? Exact) ToStruct(IDictionary<string, object?>? arguments) =>
        arguments is null ? (new Struct(), null) : ToStruct(Serialize(arguments));

    /// <summary>Converts a function's result to an object. If it isn't one already, it becomes the member that the contract defines for it.</summary>
    public static (Struct Response, ExactJson? Exact) ToResponse(object? result, Exception? failure)
    {
        var json = Serialize(result ?? failure?.Message);
        return ToStruct(failure is null && json.ValueKind == JsonValueKind.Object
            ? json
            : JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [failure is null ? OutputMember : ErrorMember] = json }));
    }

    private static (Struct Value, ExactJson? Exact) ToStruct(JsonElement json)
    {
        ExactJson? exact = null;
        foreach (var member in json.EnumerateObject().Where(member => LosesNumbers(member.Value)))
        {
            (exact ??= new ExactJson()).Members[member.Name] = member.Value.GetRawText();
        }

        return (ToStructOnly(json), exact);
    }

    private static Struct ToStructOnly(JsonElement json)
    {
        var value = new Struct();
        foreach (var member in json.EnumerateObject())
        {
            value.Fields[member.Name] = ToValue(member.Value);
        }

        return value;
    }

    // Integers beyond 2^53, and fractions with more digits than a double has.
    private static bool LosesNumbers(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().Any(member => LosesNumbers(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().Any(LosesNumbers),
        JsonValueKind.Number => json.GetRawText() is var text && (text.Length > 15 || text.Contains('e', StringComparison.OrdinalIgnoreCase)) && json.GetDouble().ToString("R", CultureInfo.InvariantCulture) != text,
        _ => false,
    };

    private static JsonElement Serialize(object? value) =>
        value as JsonElement? ?? JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value?.GetType() ?? typeof(object)));
}
