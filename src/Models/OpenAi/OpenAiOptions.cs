using System.Security.Cryptography;
using System.Text;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>Where an OpenAI-compatible API is, and how it is called.</summary>
internal sealed record OpenAiOptions
{
    public static readonly Uri DefaultBaseUrl = new("https://api.openai.com/v1");

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    private static readonly string[] OwnHosts = [".openai.com", ".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"];

    public Uri BaseUrl { get; init; } = DefaultBaseUrl;

    /// <summary>Azure's <c>api-version</c>; null: none is named.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Null or empty: none is sent, as servers on one's own machine want none. OpenAI's own fails every call then.</summary>
    public string? Key { get; init; }

    /// <summary>The header that carries the key; null: it is a bearer token.</summary>
    public string? KeyHeader { get; init; }

    /// <summary>How long a call may take, with all of its stream. A turn's own timeout can only be shorter.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>How large a unary response or one event of a stream may be, in bytes.</summary>
    public int MaxEventBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Whether it is OpenAI's own, or Azure's. These have given <c>max_tokens</c> another name; most others know the old one alone, and would
    /// pass over the new one in silence.
    /// </summary>
    public bool IsOpenAisOwn => OwnHosts.Any(host => $".{BaseUrl.Host}".EndsWith(host, StringComparison.OrdinalIgnoreCase));

    /// <summary>Names the API in what is kept for it, without its address: clients see the name.</summary>
    public string Source => $"openai:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(BaseUrl.AbsoluteUri)))[..16]}";

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{BaseUrl}, API version {ApiVersion}, timeout {Timeout}, at most {MaxEventBytes} bytes in one piece";
}
