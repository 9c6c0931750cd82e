namespace GenAI.Chats.SystemTests.Support;

/// <summary>A directory of one test, gone when the test is over.</summary>
internal sealed class TestDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("chats-system-").FullName;

    public string Database => System.IO.Path.Combine(Path, "chats.db");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
