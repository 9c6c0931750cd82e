using Google.Rpc;

namespace GenAI.Chats.Grains.Serialization;

/// <summary>A <see cref="ChatException"/> between processes.</summary>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.ChatException")]
internal readonly record struct ChatExceptionSurrogate(
    [property: Id(0)] Code Code,
    [property: Id(1)] string Reason,
    [property: Id(2)] string Message,
    [property: Id(3)] string? Field,
    [property: Id(4)] TimeSpan? RetryDelay,
    [property: Id(5)] Dictionary<string, string> Metadata);

/// <summary>A <see cref="ChatConflictException"/> between processes.</summary>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.ChatConflictException")]
internal readonly record struct ChatConflictExceptionSurrogate([property: Id(0)] string Message);

/// <summary>Converts the engine's exceptions, which don't depend on Orleans. Stack traces stay in the process.</summary>
[RegisterConverter]
internal sealed class ChatExceptionConverter : IConverter<ChatException, ChatExceptionSurrogate>
{
    /// <inheritdoc/>
    public ChatException ConvertFromSurrogate(in ChatExceptionSurrogate surrogate) => new(surrogate.Code, surrogate.Reason, surrogate.Message)
    {
        Field = surrogate.Field,
        RetryDelay = surrogate.RetryDelay,
        Metadata = surrogate.Metadata,
    };

    /// <inheritdoc/>
    public ChatExceptionSurrogate ConvertToSurrogate(in ChatException value) =>
        new(value.Code, value.Reason, value.Message, value.Field, value.RetryDelay, value.Metadata);
}

/// <summary>Converts the engine's exceptions, which don't depend on Orleans. Stack traces stay in the process.</summary>
[RegisterConverter]
internal sealed class ChatConflictExceptionConverter : IConverter<ChatConflictException, ChatConflictExceptionSurrogate>
{
    /// <inheritdoc/>
    public ChatConflictException ConvertFromSurrogate(in ChatConflictExceptionSurrogate surrogate) => new(surrogate.Message);

    /// <inheritdoc/>
    public ChatConflictExceptionSurrogate ConvertToSurrogate(in ChatConflictException value) => new(value.Message);
}
