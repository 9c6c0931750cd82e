using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.WebConsole;

/// <summary>A file of the console.</summary>
/// <param name="Content">The content.</param>
/// <param name="ContentType">The media type.</param>
/// <param name="Tag">Identifies the content for caches.</param>
internal sealed record ConsoleFile(byte[] Content, string ContentType, EntityTagHeaderValue Tag);
