using System.Runtime.CompilerServices;
using GenAI.Chats.V1;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>Chats behind the interface of Microsoft.Extensions.AI: see <see cref="ChatsClient.AsIChatClient"/>.</summary>
internal sealed class DurableChatClient(ChatsClient chats, string model, Uri? address) : IChatClient
{
    private const string Provider = "genai.chats";

    private readonly ChatClientMetadata _metadata = new(Provider, address, model);

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
        var place = 0;
        var hasCalls = false;
        TurnChunk? last = null;
        UsageMetadata? usage = null;
        await foreach (var chunk in chat.SendMessageStreamAsync(message, send, cancellationToken).ConfigureAwait(false))
        {
            hasCalls |= chunk.FunctionCalls.Count > 0;
            yield return ResponseMapper.ToUpdate(chunk, chat.Id, place, hasCalls);
            place += chunk.Parts.Count;
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

    /// <summary>Nothing to do: the connection is the <see cref="ChatsClient"/>'s.</summary>
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
                throw new ArgumentException("With a ConversationId only what is new is sent: there is a message of the assistant among them.", nameof(messages));
            }

            config = WithInstruction(config, conversation.SystemInstruction);
            return (chats.Open(chatId), conversation.Message, SendWith(config));
        }

        // What the system says is the conversation's; what the options say is the call's.
        var instruction = conversation.SystemInstruction is { } system ? new GenerateContentConfig { SystemInstruction = system } : null;
        var chat = await chats.CreateAsync(
            options?.ModelId ?? model, instruction, conversation.History, cancellationToken: cancellationToken).ConfigureAwait(false);
        config = config?.SystemInstruction is null ? config : WithInstruction(config, conversation.SystemInstruction);
        return (chat, conversation.Message, SendWith(config));
    }

    private static SendOptions SendWith(GenerateContentConfig? config) => new() { Config = config, MergeConfig = true };

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
