namespace GenAI.Chats.Models.Gemini;

/// <summary>Adapts a config to one of Google's two APIs.</summary>
internal static class GeminiConfig
{
    private const string CachedContents = "cachedContents/";

    /// <summary>Returns the config to send. The original isn't modified.</summary>
    /// <param name="config">The turn's config, or null.</param>
    /// <param name="parent">The prefix for resource names: <c>projects/p/locations/l/</c>, or empty.</param>
    /// <param name="vertex">Whether the API is Vertex AI.</param>
    /// <param name="continuationToken">The token from which the response continues. If null, the one of the config.</param>
    public static GenerateContentConfig ToSend(GenerateContentConfig? config, string parent, bool vertex, string? continuationToken)
    {
        var sent = config?.Clone() ?? new GenerateContentConfig();
        if (sent.HasCachedContent)
        {
            sent.CachedContent = CachedContentOf(sent.CachedContent, parent);
        }

        if (vertex && sent.ImageConfig is { HasOutputMimeType: true } or { HasOutputCompressionQuality: true })
        {
            Nest(sent.ImageConfig);
        }

        if (continuationToken is not null)
        {
            sent.ContinuationToken = continuationToken;
        }

        return sent;
    }

    private static string CachedContentOf(string name, string parent) => name.Count(character => character == '/') switch
    {
        0 => $"{parent}{CachedContents}{name}",
        1 when name.StartsWith(CachedContents, StringComparison.Ordinal) => parent + name,
        _ => name,
    };

    // In the SDKs' config these are next to the others, in the API they are in a nested object. Members of that object take precedence.
    private static void Nest(ImageConfig config)
    {
        config.ImageOutputOptions ??= new ImageConfig.Types.ImageOutputOptions();
        if (config is { HasOutputMimeType: true, ImageOutputOptions.HasMimeType: false })
        {
            config.ImageOutputOptions.MimeType = config.OutputMimeType;
        }

        if (config is { HasOutputCompressionQuality: true, ImageOutputOptions.HasCompressionQuality: false })
        {
            config.ImageOutputOptions.CompressionQuality = config.OutputCompressionQuality;
        }

        config.ClearOutputMimeType();
        config.ClearOutputCompressionQuality();
    }
}
