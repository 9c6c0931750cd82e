using System.Text.Json;
using System.Text.Json.Serialization;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>The JSON of API keys.</summary>
internal static class ApiKeyFile
{
    // A misspelt "expires" must not make a key that never expires.
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
    /// <exception cref="InvalidDataException">The file can't be read or has the wrong form.</exception>
    public static IReadOnlyList<ApiKeyOptions> Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Content>(File.ReadAllBytes(path), Strict)?.Keys ?? throw new JsonException();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            // A parser's message can quote the file, in which somebody may have put a key.
            var cause = failure is JsonException json ? $"See {json.Path} at line {json.LineNumber + 1}." : failure.Message;
            throw new InvalidDataException(
                $"{SettingsCheck.Describe($"{ApiKeysOptions.SectionName}:File", path, """a readable JSON file of the form { "keys": [ ... ] }""")} {cause}");
        }
    }

    /// <summary>Writes one key as an element of <c>keys</c>.</summary>
    public static string Write(ApiKeyOptions key) => JsonSerializer.Serialize(key, Strict);

    private sealed record Content
    {
        public required IReadOnlyList<ApiKeyOptions> Keys { get; init; }
    }
}
