using System.Text.Json;

namespace GenAI.Chats.Models.Json;

/// <summary>Valid JSON that this service can't represent. The message can be shown to clients.</summary>
internal sealed class UnreadableJsonException(string message, Exception? innerException = null) : JsonException(message, innerException);
