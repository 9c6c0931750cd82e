namespace GenAI.Chats.Engine.Sessions.State;

/// <summary>The activation that holds a session.</summary>
public interface ISessionHost
{
    /// <summary>Keeps the activation in memory, even if no calls come: a turn runs.</summary>
    void KeepActive();

    /// <summary>Allows the activation to be collected: no turn runs.</summary>
    void AllowIdle();

    /// <summary>Moves the activation to another server once its calls have ended: this server is stopping.</summary>
    /// <returns>False if there is no other server. The session stays open.</returns>
    bool TryMove();

    /// <summary>Ends the activation once its calls have ended: the session is closed.</summary>
    void Deactivate();
}
