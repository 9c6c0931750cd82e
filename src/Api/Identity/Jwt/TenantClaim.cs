using System.Buffers.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>Reads the tenant in a token, from its JSON: the token library takes numbers, dates and lists for text.</summary>
internal static class TenantClaim
{
    // Of two claims of one name, who issued the token and who reads it might take different ones.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The tenant; null: the claim is not there, or is no tenant's name.</summary>
    public static string? Read(JsonWebToken token, string claim)
    {
        try
        {
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(token.EncodedPayload), Strict);
            return payload.RootElement.TryGetProperty(claim, out var value)
                && value.ValueKind == JsonValueKind.String
                && TenantName.IsValid(value.GetString())
                ? value.GetString()
                : null;
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }
}
