using System.Text.Json;
using System.Text.Json.Serialization;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>The JSON of API keys.</summary>
internal static class ApiKeyFile
{
    // A misspelt "expires" must not make a key that is good for ever.
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="JsonException">It is not of the form.</exception>
    public static IReadOnlyList<ApiKeyOptions> Read(string path) =>
        JsonSerializer.Deserialize<Content>(File.ReadAllBytes(path), Strict)?.Keys ?? throw new JsonException();

    /// <summary>One key, as it stands in a file.</summary>
    public static string Write(ApiKeyOptions key) => JsonSerializer.Serialize(key, Strict);

    private sealed record Content
    {
        public required IReadOnlyList<ApiKeyOptions> Keys { get; init; }
    }
}
