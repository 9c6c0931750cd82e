namespace GenAI.Chats.Grains.Engine;

/// <summary>What a session asks of the activation that holds it.</summary>
internal interface ISessionHost
{
    /// <summary>A turn runs: the activation is not to be collected, however long no call comes.</summary>
    void KeepActive();

    /// <summary>No turn runs any more.</summary>
    void AllowIdle();

    /// <summary>The session holds nothing of worth: end the activation once its calls have ended.</summary>
    void End();
}
