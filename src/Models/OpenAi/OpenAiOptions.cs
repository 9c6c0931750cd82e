using System.Security.Cryptography;
using System.Text;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>The settings of an OpenAI-compatible API.</summary>
internal sealed record OpenAiOptions
{
    public static readonly Uri DefaultBaseUrl = new("https://api.openai.com/v1");

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    private static readonly string[] OwnHosts = [".openai.com", ".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"];

    public Uri BaseUrl { get; init; } = DefaultBaseUrl;

    /// <summary>Gets Azure's <c>api-version</c>. If null, none is sent.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Gets the API key. If null or empty, none is sent, as for local servers. Calls of OpenAI's own API fail without a key.</summary>
    public string? Key { get; init; }

    /// <summary>Gets the header for the key. If null, the key is sent as a bearer token.</summary>
    public string? KeyHeader { get; init; }

    /// <summary>Gets the maximum duration of a call, including its stream. A turn's config can only reduce it.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Gets the maximum size of a unary response or of one event of a stream, in bytes.</summary>
    public int MaxEventBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Gets whether it is OpenAI's or Azure's API. They have renamed <c>max_tokens</c>. Most compatible servers know only the old name, and ignore the
    /// new one.
    /// </summary>
    public bool IsOpenAisOwn => OwnHosts.Any(host => $".{BaseUrl.Host}".EndsWith(host, StringComparison.OrdinalIgnoreCase));

    /// <summary>Gets a name for the API in stored members, without its URL, because clients see it.</summary>
    public string Source => $"openai:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(BaseUrl.AbsoluteUri)))[..16]}";

    /// <summary>Describes the settings without the key.</summary>
    public override string ToString() => $"{BaseUrl}, API version {ApiVersion}, timeout {Timeout}, at most {MaxEventBytes} bytes in one piece";
}
