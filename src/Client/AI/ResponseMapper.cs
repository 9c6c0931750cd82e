using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>Maps responses to Microsoft.Extensions.AI.</summary>
internal static class ResponseMapper
{
    /// <summary>Maps the model's finish reason.</summary>
    /// <param name="reason">The reason. Null if the response isn't finished.</param>
    /// <param name="hasCalls">Whether the response has function calls.</param>
    public static ChatFinishReason? ToFinishReason(string? reason, bool hasCalls) => reason switch
    {
        null => null,
        "STOP" => hasCalls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        "MAX_TOKENS" => ChatFinishReason.Length,
        "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "IMAGE_SAFETY" => ChatFinishReason.ContentFilter,
        _ => new ChatFinishReason(reason),
    };

    /// <summary>Maps token counts. Thoughts are billed as output, so output tokens include them.</summary>
    public static UsageDetails? ToUsage(UsageMetadata? usage) => usage is null
        ? null
        : new UsageDetails
        {
            InputTokenCount = usage.HasPromptTokenCount ? usage.PromptTokenCount + usage.ToolUsePromptTokenCount : null,
            OutputTokenCount = usage.HasCandidatesTokenCount || usage.HasThoughtsTokenCount ? usage.CandidatesTokenCount + usage.ThoughtsTokenCount : null,
            TotalTokenCount = usage.HasTotalTokenCount ? usage.TotalTokenCount : null,
            CachedInputTokenCount = usage.HasCachedContentTokenCount ? usage.CachedContentTokenCount : null,
            ReasoningTokenCount = usage.HasThoughtsTokenCount ? usage.ThoughtsTokenCount : null,
        };

    /// <summary>Maps a whole response.</summary>
    public static ChatResponse ToResponse(TurnResponse answer, string chatId) => new(
        new ChatMessage(ChatRole.Assistant, [.. answer.Parts.Select(ContentMapper.ToAIContent)])
        {
            MessageId = answer.Turn.TurnId,
            RawRepresentation = answer,
        })
    {
        ConversationId = chatId,
        ResponseId = answer.Turn.TurnId,
        ModelId = OrNull(answer.Response.ModelVersion),
        CreatedAt = answer.Turn.EndTime?.ToDateTimeOffset(),
        FinishReason = ToFinishReason(answer.FinishReason, answer.FunctionCalls.Count > 0),
        Usage = ToUsage(answer.Usage),
        RawRepresentation = answer,
    };

    /// <summary>Maps a chunk of a response, without its token counts, which are running totals.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="chatId">The chat's ID.</param>
    /// <param name="position">The number of parts before it.</param>
    /// <param name="hasCalls">Whether this chunk or an earlier one has function calls.</param>
    public static ChatResponseUpdate ToUpdate(TurnChunk chunk, string chatId, int position, bool hasCalls) => new()
    {
        Role = ChatRole.Assistant,
        Contents = [.. chunk.Parts.Select((part, i) => ContentMapper.ToAIContent(part, position + i))],
        ConversationId = chatId,
        ResponseId = chunk.TurnId,
        MessageId = chunk.TurnId,
        ModelId = OrNull(chunk.Response.ModelVersion),
        FinishReason = ToFinishReason(chunk.FinishReason, hasCalls),
        RawRepresentation = chunk,
    };

    private static string? OrNull(string text) => text.Length > 0 ? text : null;
}
