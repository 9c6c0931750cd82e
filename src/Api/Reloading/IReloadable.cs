namespace GenAI.Chats.Api.Reloading;

/// <summary>Settings or keys that are read again when their files change.</summary>
internal interface IReloadable
{
    /// <summary>Reads the files if they have changed. If a file is invalid, keeps the previous content and logs a warning.</summary>
    void Reload();
}
