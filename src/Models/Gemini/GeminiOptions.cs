namespace GenAI.Chats.Models.Gemini;

/// <summary>Where the Gemini Developer API is, and how it is called.</summary>
internal sealed record GeminiOptions
{
    public static readonly Uri DefaultBaseUrl = new("https://generativelanguage.googleapis.com/");

    public const string DefaultApiVersion = "v1";

    /// <summary>An event may hold generated media; this is the Go SDK's bound too.</summary>
    public const int DefaultMaxEventBytes = 256 * 1024 * 1024;

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    public Uri BaseUrl { get; init; } = DefaultBaseUrl;

    public string ApiVersion { get; init; } = DefaultApiVersion;

    /// <summary>Null or empty: every call fails, and says which variables hold a key.</summary>
    public string? Key { get; init; }

    /// <summary>How long a call may take, with all of its stream. A turn's own timeout can only be shorter.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>How large a unary response or one event of a stream may be, in bytes.</summary>
    public int MaxEventBytes { get; init; } = DefaultMaxEventBytes;

    /// <summary>Without the key.</summary>
    public override string ToString() =>
        $"{BaseUrl}, API version {ApiVersion}, timeout {Timeout}, at most {MaxEventBytes} bytes in one piece";
}
