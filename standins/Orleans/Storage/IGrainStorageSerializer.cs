namespace Orleans.Storage;

/// <summary>Turns the states of a storage provider into bytes and back.</summary>
public interface IGrainStorageSerializer
{
    BinaryData Serialize<T>(T? input);

    T Deserialize<T>(BinaryData input);
}
