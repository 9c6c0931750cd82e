using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>Writes the JSON of streams and messages, which is never embedded in a page.</summary>
internal static class UiJson
{
    /// <summary>The options.</summary>
    public static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns JSON in UTF-8.</summary>
    public static byte[] ToBytes(JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString(Options));
}
