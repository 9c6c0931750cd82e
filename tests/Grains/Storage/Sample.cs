namespace GenAI.Chats.Grains.Tests.Storage;

/// <summary>Files of what earlier versions wrote.</summary>
internal static class Sample
{
    public static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Storage", "Samples", name)).TrimEnd();
}
