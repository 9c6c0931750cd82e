using GenAI.Chats.Engine.Tools;
using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Engine.Turns;

/// <summary>Creates the attempts of turns: what they run with is the same for all chats.</summary>
internal sealed class TurnAttempts(
    IChatModels models, ChatTools tools, IOptions<ChatsOptions> options, TurnSlots slots, ChatMetrics metrics, ILogger<TurnAttempts> logger)
{
    public IChatModels Models => models;

    public ChatTools Tools => tools;

    public ChatsOptions Options => options.Value;

    public ChatMetrics Metrics => metrics;

    public ILogger Log => logger;

    /// <summary>Gets how much a model may answer while the server is short of memory, in bytes.</summary>
    public long MaxResponseBytesNow => slots.MaxResponseBytes;

    /// <summary>Creates an attempt.</summary>
    /// <param name="turn">The turn, which was started.</param>
    /// <param name="chat">The chat when it was started.</param>
    /// <param name="context">What the turn follows.</param>
    public TurnAttempt Create(ActiveTurn turn, ChatRecord chat, TurnContext context) => new(turn, chat, context, this);
}
