using System.Data.Common;
using GenAI.Chats.Client;

namespace GenAI.Chats.Aspire.Client;

/// <summary>Settings of a client that <c>AddGenAIChatsClient</c> adds. They are read from the section <c>Aspire:GenAI:Chats:Client</c>.</summary>
public sealed class ChatsClientSettings
{
    private const string EndpointKey = "Endpoint";
    private const string ApiKeyKey = "Key";

    /// <summary>Gets or sets the service's gRPC endpoint, which is required.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Gets or sets the API key. If null, that of <see cref="Options"/>.</summary>
    public string? Key { get; set; }

    /// <summary>Gets or sets the other options of the client. Their address isn't used.</summary>
    public ChatsClientOptions Options { get; set; } = new();

    /// <summary>Gets or sets whether the health check is left out.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Gets or sets whether traces have no spans of calls.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Reads a connection string: a URL, or <c>Endpoint=URL;Key=API_KEY</c>.</summary>
    /// <param name="name">The connection's name, for the error.</param>
    /// <param name="value">The connection string.</param>
    /// <exception cref="InvalidOperationException">The connection string is invalid. The message doesn't contain it, because it can have a key.</exception>
    internal void Read(string name, string value)
    {
        if (ToUrl(value) is { } url)
        {
            Endpoint = url;
            return;
        }

        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = value };
            var unknown = parts.Keys.Cast<string>().Any(static key => !Is(key, EndpointKey) && !Is(key, ApiKeyKey));
            if (!unknown && parts.TryGetValue(EndpointKey, out var endpoint) && ToUrl((string)endpoint) is { } found)
            {
                Endpoint = found;
                Key = parts.TryGetValue(ApiKeyKey, out var key) ? (string)key : Key;
                return;
            }
        }
        catch (ArgumentException)
        {
            // Not a connection string.
        }

        throw new InvalidOperationException($"ConnectionStrings:{name}: invalid value. Expected: an http or https URL, or Endpoint=URL;Key=API_KEY.");
    }

    /// <summary>Returns the options of the client.</summary>
    internal ChatsClientOptions ToOptions() => Options with { Address = Endpoint ?? Options.Address, ApiKey = Key ?? Options.ApiKey };

    private static Uri? ToUrl(string value) => Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    private static bool Is(string key, string expected) => key.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
