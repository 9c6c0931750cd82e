namespace GenAI.Chats.Engine.Sessions;

/// <summary>What a session asks of the activation that holds it.</summary>
internal interface ISessionHost
{
    /// <summary>A turn runs: the activation is not to be collected, however long no call comes.</summary>
    void KeepActive();

    /// <summary>No turn runs any more.</summary>
    void AllowIdle();

    /// <summary>The server is stopping, and the session is over: has the activation go on on another server, once its calls have ended.</summary>
    /// <returns>False: there is no other server, and the session goes on here.</returns>
    bool TryMove();

    /// <summary>The session holds nothing of worth: end the activation once its calls have ended.</summary>
    void End();
}
