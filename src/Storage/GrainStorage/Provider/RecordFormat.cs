namespace GenAI.Chats.Storage.GrainStorage.Provider;

/// <summary>The format of records. If a record is damaged or lost, a retry doesn't help.</summary>
internal static class RecordFormat
{
    /// <summary>The first format. Records that need nothing else have it, so that the previous version can read them.</summary>
    public const uint Linear = 1;

    /// <summary>The format of heads with trees, forks, erased turns, or expire times. The last one that this version reads.</summary>
    public const uint Version = 2;

    /// <summary>Checks that this version can read a format.</summary>
    /// <exception cref="ChatStoreException">A later version wrote the record.</exception>
    public static void Require(uint format)
    {
        if (format > Version)
        {
            throw new ChatStoreException($"A record has format {format}, created by a newer release. This release supports up to format {Version}.");
        }
    }

    /// <summary>Parses the bytes of a record. Null is an empty record.</summary>
    /// <exception cref="ChatStoreException">The record is damaged.</exception>
    public static T Parse<T>(this MessageParser<T> parser, byte[]? data)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(data ?? []);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ChatStoreException("A record is damaged.", exception) { Damage = StoreDamage.Record };
        }
    }

    /// <summary>Creates the exception for a record that a chat's newest head names and that doesn't exist.</summary>
    public static ChatStoreException Lost(RecordMissingException missing) =>
        new("A record of a chat is lost.", missing) { Damage = StoreDamage.Record };
}
