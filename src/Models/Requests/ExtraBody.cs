using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Requests;

/// <summary>
/// Members that a client adds to the request of a model: on routes that allow it, and beside what the server writes. That can't be replaced:
/// the model's name above all, as the request carries the server's key.
/// </summary>
internal static class ExtraBody
{
    private const string Field = "config.http_options.extra_body";

    /// <summary>Whether a config has any.</summary>
    public static bool IsIn(GenerateContentConfig? config) => config?.HttpOptions?.ExtraBody is { Fields.Count: > 0 };

    /// <summary>Refuses them on a route that doesn't allow them.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT.</exception>
    public static void CheckAllowed(GenerateContentConfig? config, bool isAllowed)
    {
        if (!isAllowed && IsIn(config))
        {
            throw Refusal.Of(Field, "is not allowed for this model");
        }
    }

    /// <summary>Adds them, object by object.</summary>
    /// <param name="body">What the server writes.</param>
    /// <param name="config">The turn's config; null for none.</param>
    /// <param name="reserved">Names that the server has for itself, whether or not it writes them this time.</param>
    /// <exception cref="ModelException">INVALID_ARGUMENT, with the name of a member that the server writes.</exception>
    public static void AddTo(JsonObject body, GenerateContentConfig? config, params ReadOnlySpan<string> reserved)
    {
        if (!IsIn(config))
        {
            return;
        }

        var extra = JsonBody.Of(config!.HttpOptions.ExtraBody);
        foreach (var (name, _) in extra)
        {
            foreach (var own in reserved)
            {
                if (IsSame(name, own))
                {
                    throw IsWritten($"{Field}.{name}");
                }
            }
        }

        Add(body, extra, Field);
    }

    private static void Add(JsonObject body, JsonObject extra, string path)
    {
        foreach (var (name, value) in extra)
        {
            var existing = body.FirstOrDefault(member => IsSame(member.Key, name));
            if (existing.Key is null)
            {
                body[name] = value?.DeepClone();
            }
            else if (value is JsonObject inner && existing.Value is JsonObject known)
            {
                Add(known, inner, $"{path}.{name}");
            }
            else
            {
                throw IsWritten($"{path}.{name}");
            }
        }
    }

    // APIs differ in what is the same name to them: Google's take generationConfig and generation_config, servers written in Go any case.
    private static bool IsSame(string name, string other) =>
        Plain(name).Equals(Plain(other), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal);

    private static ModelException IsWritten(string field) => Refusal.Of(field, "is set by the server, and can't be replaced");
}
