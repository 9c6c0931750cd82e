namespace GenAI.Chats.Api.Files;

/// <summary>Something that was read from files, and is read again when they change.</summary>
internal interface IReloadable
{
    /// <summary>
    /// Looks at the files; where they have changed, takes what is in them now. What it cannot read it leaves alone, keeps what it has, and says so in the log.
    /// </summary>
    void Reload();
}
