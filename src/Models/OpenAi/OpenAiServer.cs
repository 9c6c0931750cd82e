using System.Security.Cryptography;
using System.Text;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>A server with OpenAI's API.</summary>
internal sealed record OpenAiServer(Uri Url)
{
    public static readonly Uri DefaultUrl = new("https://api.openai.com/v1");

    private static readonly string[] OwnHosts = [".openai.com", ".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"];

    /// <summary>
    /// Gets whether it is OpenAI's or Azure's API. They have renamed <c>max_tokens</c>. Most compatible servers know only the old name, and ignore the
    /// new one.
    /// </summary>
    public bool IsOpenAisOwn => OwnHosts.Any(host => $".{Url.Host}".EndsWith(host, StringComparison.OrdinalIgnoreCase));

    /// <summary>Gets a name for the API in stored members, without its URL, because clients see it.</summary>
    public string Source => $"openai:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Url.AbsoluteUri)))[..16]}";
}
