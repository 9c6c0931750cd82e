namespace GenAI.Chats.Engine.Watching;

/// <summary>The positions of watchers, as clients keep them.</summary>
public static class WatchToken
{
    /// <summary>Checks a token without reading the chat.</summary>
    /// <exception cref="ChatException">The token isn't one, or it is another chat's.</exception>
    public static void Check(string token, ChatKey key) => WatchPosition.Parse(token, key);
}
