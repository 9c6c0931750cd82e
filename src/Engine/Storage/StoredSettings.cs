using GenAI.Chats.Engine.Storage.Records;
using Google.Protobuf;

namespace GenAI.Chats.Engine.Storage;

/// <summary>Settings as columns: the config apart, as lists leave it out.</summary>
internal readonly record struct StoredSettings(byte[] Settings, byte[]? Config)
{
    public long Bytes => Settings.Length + (Config?.Length ?? 0);

    public static StoredSettings From(ChatSettings settings)
    {
        var rest = settings.Clone();
        rest.Config = null;
        return new StoredSettings(rest.ToByteArray(), settings.Config?.ToByteArray());
    }
}
