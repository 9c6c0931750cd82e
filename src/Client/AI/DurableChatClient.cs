using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>A client of Microsoft.Extensions.AI: see <see cref="ChatsClientExtensions.AsIChatClient"/>.</summary>
internal sealed class DurableChatClient(ChatsClient chats, string model) : IChatClient
{
    private const string Provider = "genai.chats";

    private readonly ChatClientMetadata _metadata = new(Provider, chats.Address, model);

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (chat, message, send) = await PrepareAsync(messages, options, cancellationToken).ConfigureAwait(false);
        var answer = await chat.SendMessageAsync(message, send, cancellationToken).ConfigureAwait(false);
        return ResponseMapper.ToResponse(answer, chat.Id);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (chat, message, send) = await PrepareAsync(messages, options, cancellationToken).ConfigureAwait(false);
        var position = 0;
        var hasCalls = false;
        TurnChunk? last = null;
        UsageMetadata? usage = null;
        await foreach (var chunk in chat.SendMessageStreamAsync(message, send, cancellationToken).ConfigureAwait(false))
        {
            hasCalls |= chunk.FunctionCalls.Count > 0;
            yield return ResponseMapper.ToUpdate(chunk, chat.Id, position, hasCalls);
            position += chunk.Parts.Count;
            usage = chunk.Usage ?? usage;
            last = chunk;
        }

        if (last is not null && ResponseMapper.ToUsage(usage) is { } details)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(details)])
            {
                ConversationId = chat.Id,
                ResponseId = last.TurnId,
                MessageId = last.TurnId,
            };
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(chats) ? chats
            : null;
    }

    /// <summary>Does nothing, because the <see cref="ChatsClient"/> owns the connection.</summary>
    public void Dispose()
    {
    }

    private async Task<(Chat Chat, Message Message, SendOptions Send)> PrepareAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var conversation = Conversation.Of(messages);
        var config = ConfigMapper.ToConfig(options, this);
        if (options?.ConversationId is { } chatId)
        {
            if (conversation.History.Count > 0)
            {
                throw new ArgumentException("When ConversationId is set, pass only new messages; assistant messages aren't allowed.", nameof(messages));
            }

            config = WithInstruction(config, conversation.SystemInstruction);
            return (chats.Open(chatId), conversation.Message, SendWith(config, options.ModelId));
        }

        // System messages apply to the whole conversation, and options to this call.
        var instruction = conversation.SystemInstruction is { } system ? new GenerateContentConfig { SystemInstruction = system } : null;
        var chat = await chats.CreateAsync(
            options?.ModelId ?? model, instruction, conversation.History, cancellationToken: cancellationToken).ConfigureAwait(false);
        config = config?.SystemInstruction is null ? config : WithInstruction(config, conversation.SystemInstruction);
        return (chat, conversation.Message, SendWith(config));
    }

    private static SendOptions SendWith(GenerateContentConfig? config, string? modelId = null) =>
        new() { Config = config, MergeConfig = true, Model = modelId };

    private static GenerateContentConfig? WithInstruction(GenerateContentConfig? config, Content? system)
    {
        if (system is null)
        {
            return config;
        }

        var both = system.Clone();
        both.Parts.Add(config?.SystemInstruction?.Parts.Select(p => p.Clone()) ?? []);
        config ??= new GenerateContentConfig();
        config.SystemInstruction = both;
        return config;
    }
}
