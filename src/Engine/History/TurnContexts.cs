namespace GenAI.Chats.Engine.History;

/// <summary>What turns of a chat follow: the path to the head, which is cached, or the path to a turn of any branch.</summary>
internal sealed class TurnContexts(ChatKey key, StoreReader reader)
{
    private CuratedHistory _history = new(key, "", [], reader);
    private OpenExchange _exchange = new(key, "", [], reader);

    /// <summary>Returns what a turn follows that doesn't name a turn: the head.</summary>
    public TurnContext AtHead(ChatRecord chat) => new(null, long.MaxValue, _history, _exchange, chat.OpenSequence);

    /// <summary>Returns what a turn follows.</summary>
    public async ValueTask<TurnContext> OfAsync(ChatRecord chat, TurnInput input, CancellationToken cancellationToken)
    {
        if (input.Parent is not { } parent)
        {
            return AtHead(chat);
        }

        var path = ChatPaths.To(chat.Tree, parent.Sequence);
        var exchange = new OpenExchange(key, chat.Incarnation, path, reader);
        var open = await exchange.FindFirstAsync(cancellationToken);
        return new TurnContext(parent, parent.Sequence, new CuratedHistory(key, chat.Incarnation, path, reader), exchange, open);
    }

    /// <summary>Finds the first turn of the exchange that is open at a turn of any chat. 0: none is open.</summary>
    public Task<long> OpenSequenceAsync(ChatRecord chat, TurnInput.Types.Parent node) =>
        new OpenExchange(chat.Key, chat.Incarnation, ChatPaths.To(chat.Tree, node.Sequence), reader).FindFirstAsync(CancellationToken.None);

    /// <summary>Follows the head, which is on another branch, or another chat's.</summary>
    public void FollowHead(ChatRecord? chat)
    {
        var (incarnation, path) = (chat?.Incarnation ?? "", ChatPaths.ToHead(chat?.Tree));
        _history = new CuratedHistory(key, incarnation, path, reader);
        _exchange = new OpenExchange(key, incarnation, path, reader);
    }

    /// <summary>Adds a turn that was recorded, and is the head.</summary>
    /// <param name="chat">The chat with the turn.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="wasOpen">Whether an exchange was open before the turn.</param>
    public void Add(ChatRecord chat, TurnRecord turn, bool wasOpen)
    {
        if (!wasOpen)
        {
            _history.Add(turn);
        }

        _exchange.Add(chat.OpenSequence, turn);
    }

    /// <summary>Forgets the open exchange, which may be out of date.</summary>
    public void ForgetExchange() => _exchange.Forget();
}
