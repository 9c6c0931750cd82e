using GenAI.Chats.V1;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>What a model answered, as Microsoft.Extensions.AI has it.</summary>
internal static class ResponseMapper
{
    /// <summary>The model's word for why it stopped.</summary>
    /// <param name="reason">The word. Null: it has not stopped.</param>
    /// <param name="hasCalls">Whether it asked for functions: then it stopped for their results.</param>
    public static ChatFinishReason? ToFinishReason(string? reason, bool hasCalls) => reason switch
    {
        null => null,
        "STOP" => hasCalls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        "MAX_TOKENS" => ChatFinishReason.Length,
        "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "IMAGE_SAFETY" => ChatFinishReason.ContentFilter,
        _ => new ChatFinishReason(reason),
    };

    /// <summary>The tokens of a turn. Thoughts are paid for as output, so they are part of it.</summary>
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

    /// <summary>A whole answer.</summary>
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

    /// <summary>A piece of an answer, without its usage, which is the running total.</summary>
    /// <param name="chunk">The piece.</param>
    /// <param name="chatId">The chat.</param>
    /// <param name="place">How many parts came before it.</param>
    /// <param name="hasCalls">Whether a function was asked for, here or before.</param>
    public static ChatResponseUpdate ToUpdate(TurnChunk chunk, string chatId, int place, bool hasCalls) => new()
    {
        Role = ChatRole.Assistant,
        Contents = [.. chunk.Parts.Select((part, i) => ContentMapper.ToAIContent(part, place + i))],
        ConversationId = chatId,
        ResponseId = chunk.TurnId,
        MessageId = chunk.TurnId,
        ModelId = OrNull(chunk.Response.ModelVersion),
        FinishReason = ToFinishReason(chunk.FinishReason, hasCalls),
        RawRepresentation = chunk,
    };

    private static string? OrNull(string text) => text.Length > 0 ? text : null;
}
