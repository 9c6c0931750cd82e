using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Gemini;

/// <summary>A config as one of the two APIs takes it, where that is not as the client gave it.</summary>
internal static class GeminiConfig
{
    private const string CachedContents = "cachedContents/";

    /// <summary>The config to send. The one given is not changed.</summary>
    /// <param name="config">The turn's.</param>
    /// <param name="parent">What names of resources start with in this API: <c>projects/p/locations/l/</c>, or nothing.</param>
    /// <param name="vertex">Whether it is Vertex AI's.</param>
    /// <param name="continuationToken">Where the answer goes on; null: as the config has it.</param>
    public static GenerateContentConfig? ToSend(GenerateContentConfig? config, string parent, bool vertex, string? continuationToken)
    {
        var ownNames = config is { HasCachedContent: true } || (vertex && HasFlatOutput(config?.ImageConfig));
        if (continuationToken is null && !ownNames)
        {
            return config;
        }

        var sent = config?.Clone() ?? new GenerateContentConfig();
        if (sent.HasCachedContent)
        {
            sent.CachedContent = CachedContentOf(sent.CachedContent, parent);
        }

        if (vertex && HasFlatOutput(sent.ImageConfig))
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

    private static bool HasFlatOutput(ImageConfig? config) => config is { HasOutputMimeType: true } or { HasOutputCompressionQuality: true };

    // The SDKs' config has them beside the others, the API in an object of their own; whoever fills that object means it.
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
