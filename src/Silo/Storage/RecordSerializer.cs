using GenAI.Chats.Storage.GrainStorage.Provider;
using Orleans.Storage;

namespace GenAI.Chats.Silo.Storage;

/// <summary>Writes a record's bytes unchanged, so that a blob is exactly one protobuf message.</summary>
internal sealed class RecordSerializer : IGrainStorageSerializer
{
    /// <inheritdoc />
    public BinaryData Serialize<T>(T? input) => BinaryData.FromBytes(((StoredRecord)(object)input!).Data);

    /// <inheritdoc />
    public T Deserialize<T>(BinaryData input) => (T)(object)new StoredRecord { Data = input.ToMemory().ToArray() };
}
