using System.Text.Json.Nodes;

namespace GenAI.Chats.Models.Requests;

/// <summary>
/// Members that a client adds to a model request, on routes that allow it. They can't replace what the server writes, above all the model name,
/// because the request has the server's key.
/// </summary>
internal static class ExtraBody
{
    private const string Field = "config.http_options.extra_body";

    /// <summary>Returns whether a config has an extra body.</summary>
    public static bool IsIn(GenerateContentConfig? config) => config?.HttpOptions?.ExtraBody is { Fields.Count: > 0 };

    /// <summary>Rejects an extra body on a route that doesn't allow it.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT.</exception>
    public static void CheckAllowed(GenerateContentConfig? config, bool isAllowed) =>
        Refusal.If(!isAllowed && IsIn(config), Field, "isn't allowed for this model");

    /// <summary>Adds the members, object by object.</summary>
    /// <param name="body">The server's members.</param>
    /// <param name="config">The turn's config, or null.</param>
    /// <param name="reserved">Names that are reserved for the server, whether or not this request has them.</param>
    /// <exception cref="ModelException">INVALID_ARGUMENT: the server writes a member with this name.</exception>
    public static void AddTo(JsonObject body, GenerateContentConfig? config, params string[] reserved)
    {
        if (!IsIn(config))
        {
            return;
        }

        var extra = JsonBody.Of(config!.HttpOptions.ExtraBody);
        if (extra.FirstOrDefault(member => reserved.Any(own => IsSame(member.Key, own))) is { Key: { } name })
        {
            throw IsWritten($"{Field}.{name}");
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

    // APIs differ in how they compare names: Google's accept generationConfig and generation_config, servers written in Go accept any case.
    private static bool IsSame(string name, string other) =>
        Plain(name).Equals(Plain(other), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal);

    private static ModelException IsWritten(string field) => Refusal.Of(field, "is set by the server and can't be replaced");
}
