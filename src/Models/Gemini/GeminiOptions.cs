namespace GenAI.Chats.Models.Gemini;

/// <summary>The settings of one of Google's two APIs.</summary>
internal sealed record GeminiOptions
{
    /// <summary>Events can contain generated media. The Go SDK has the same limit.</summary>
    public const int DefaultMaxEventBytes = 256 * 1024 * 1024;

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Gets the URL. If null, the API's default.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>Gets the API version. If null, the API's default.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Gets the API key. Without a key, calls of the Developer API fail, and Vertex AI uses the server's credentials.</summary>
    public string? Key { get; init; }

    /// <summary>Gets the project (Vertex AI only). If null, the project of the credentials.</summary>
    public string? Project { get; init; }

    /// <summary>Gets the location (Vertex AI only). If null, <c>global</c>.</summary>
    public string? Location { get; init; }

    /// <summary>Gets the maximum duration of a call, including its stream. A turn's config can only reduce it.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Gets the maximum size of a unary response or of one event of a stream, in bytes.</summary>
    public int MaxEventBytes { get; init; } = DefaultMaxEventBytes;

    /// <summary>Describes the settings without the key.</summary>
    public override string ToString() =>
        $"{BaseUrl}, API version {ApiVersion}, project {Project}, location {Location}, timeout {Timeout}, at most {MaxEventBytes} bytes in one piece";
}
