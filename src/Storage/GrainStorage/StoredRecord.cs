namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// What a provider is handed: the bytes of one record, so that its serializer does not matter. The names are stored by some serializers, and stay.
/// </summary>
[GenerateSerializer]
internal sealed class StoredRecord
{
    /// <summary>A protobuf message of <c>grain_storage.proto</c>, or a piece of a payload.</summary>
    [Id(0)]
    public byte[] Data { get; set; } = [];
}
