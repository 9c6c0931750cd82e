namespace GenAI.Chats.Storage.GrainStorage.Provider;

/// <summary>
/// A record as a provider gets it: bytes, so that the provider's serializer doesn't matter. Some serializers store the names of this class,
/// so they must not change.
/// </summary>
[GenerateSerializer]
public sealed class StoredRecord
{
    /// <summary>A protobuf message of <c>grain_storage.proto</c>, or a part of a payload.</summary>
    [Id(0)]
    public byte[] Data { get; set; } = [];
}
