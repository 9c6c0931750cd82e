using GenAI.Chats.Engine.Storage;
using Google.Protobuf;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>Records that are not what was written, or are not there any more. Trying again does not bring them back.</summary>
internal static class Damage
{
    /// <summary>Reads a record's bytes. Without bytes, the record is empty.</summary>
    /// <exception cref="ChatStoreException">They are no such record.</exception>
    public static T Parse<T>(this MessageParser<T> parser, byte[]? data)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(data ?? []);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ChatStoreException("A record of the store is damaged.", exception) { Damage = StoreDamage.Record };
        }
    }

    /// <summary>A record that a chat's newest head names is not there.</summary>
    public static ChatStoreException Lost(RecordMissingException missing) =>
        new("A record of a chat was lost.", missing) { Damage = StoreDamage.Record };
}
