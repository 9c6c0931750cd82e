namespace GenAI.Chats.Engine.Sessions;

/// <inheritdoc/>
internal sealed class ChatSessionFactory(
    StoreReader store, TurnAttempts attempts, ServerState server, ITenantQuotas quotas, IOptions<ChatsOptions> options, ChatMetrics metrics, ILogger<ChatSession> logger)
    : IChatSessions
{
    /// <inheritdoc/>
    public IChatSession Create(ChatKey key, ISessionHost host)
    {
        var chat = new ChatState(key, store, server, quotas, host, metrics, logger);
        var pump = new TurnPump(chat, attempts, options.Value, host, logger);
        var turns = new TurnFinder(chat);
        var acceptor = new TurnAcceptor(chat, pump, turns, attempts.Models, options.Value, logger);
        var head = new HeadMover(chat, pump, turns, options.Value);
        return new ChatSession(chat, pump, acceptor, head, new ChatCreator(chat, options.Value, logger), attempts.Models, options.Value, logger);
    }
}
