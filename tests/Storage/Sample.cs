using Google.Protobuf;

namespace GenAI.Chats.Storage.Tests;

/// <summary>Files of what earlier versions wrote.</summary>
internal static class Sample
{
    public static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samples", name)).TrimEnd();

    /// <summary>This version reads the sample as this record, and writes the record to the byte so.</summary>
    public static void AssertIs<T>(string name, T record, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var sample = Convert.FromBase64String(Read(name + ".base64"));

        Assert.Equal(record, parser.ParseFrom(sample));
        Assert.Equal(Convert.ToBase64String(sample), Convert.ToBase64String(record.ToByteArray()));
    }

    /// <summary>Whether a message, or one in it, has a field set.</summary>
    public static bool Has(IMessage message, string field)
    {
        foreach (var descriptor in message.Descriptor.Fields.InDeclarationOrder())
        {
            var value = descriptor.Accessor.GetValue(message);
            var isSet = descriptor.IsRepeated ? ((System.Collections.ICollection)value).Count > 0
                : descriptor.HasPresence ? descriptor.Accessor.HasValue(message)
                : !Equals(value, descriptor.Accessor.GetValue(descriptor.ContainingType.Parser.ParseFrom(ByteString.Empty)));
            if (isSet && (descriptor.FullName == field || Children(value).Any(child => Has(child, field))))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<IMessage> Children(object value) => value switch
    {
        IMessage message => [message],
        System.Collections.IDictionary => [],
        System.Collections.IEnumerable items => items.OfType<IMessage>(),
        _ => [],
    };
}
