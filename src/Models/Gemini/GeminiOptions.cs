namespace GenAI.Chats.Models.Gemini;

/// <summary>Where one of Google's two APIs is, and how it is called.</summary>
internal sealed record GeminiOptions
{
    /// <summary>An event may hold generated media; this is the Go SDK's bound too.</summary>
    public const int DefaultMaxEventBytes = 256 * 1024 * 1024;

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    /// <summary>The API's address; null: the API's own.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>The API's version; null: the API's own default.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Null or empty: the Developer API fails every call and says which variables hold a key; Vertex AI takes the server's credentials.</summary>
    public string? Key { get; init; }

    /// <summary>Vertex AI only: the project; null: the one of the credentials.</summary>
    public string? Project { get; init; }

    /// <summary>Vertex AI only: the location; null: <c>global</c>.</summary>
    public string? Location { get; init; }

    /// <summary>How long a call may take, with all of its stream. A turn's own timeout can only be shorter.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>How large a unary response or one event of a stream may be, in bytes.</summary>
    public int MaxEventBytes { get; init; } = DefaultMaxEventBytes;

    /// <summary>Without the key.</summary>
    public override string ToString() =>
        $"{BaseUrl}, API version {ApiVersion}, project {Project}, location {Location}, timeout {Timeout}, at most {MaxEventBytes} bytes in one piece";
}
