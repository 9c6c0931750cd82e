using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Grains.Tests.Serialization;

/// <summary>Every message of the contract, as a server of this version and as one of a later version writes it.</summary>
internal static class ContractMessages
{
    // No field of the contract has this number.
    private const int UnknownField = 18_999;

    /// <summary>The full names of all messages, the nested ones too, without the entries of maps.</summary>
    public static IEnumerable<string> All => Types.Keys;

    /// <summary>The same, for a theory.</summary>
    public static TheoryData<string> Names => [.. All];

    private static Dictionary<string, MessageDescriptor> Types { get; } =
        new[] { Chat.Descriptor.File, Content.Descriptor.File }
            .SelectMany(file => file.MessageTypes)
            .SelectMany(WithNested)
            .ToDictionary(type => type.FullName);

    /// <summary>A message without fields, one with all fields, and one in which each message also has a field that this version doesn't know.</summary>
    public static IEnumerable<IMessage> Samples(string name)
    {
        var type = Types[name];
        yield return type.Parser.ParseFrom([]);
        var full = type.Parser.ParseFrom([]);
        SampleMessages.Fill(full, 2);
        yield return full;
        yield return type.Parser.ParseFrom(AddUnknown(full));
    }

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor type) =>
        type.NestedTypes.Where(nested => !nested.IsMapEntry).SelectMany(WithNested).Prepend(type);

    private static byte[] AddUnknown(IMessage message)
    {
        var copy = message.Descriptor.Parser.ParseFrom(message.ToByteArray());
        foreach (var field in copy.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.FieldType == FieldType.Message && !field.IsRepeated && field.Accessor.GetValue(copy) is IMessage inner)
            {
                field.Accessor.SetValue(copy, inner.Descriptor.Parser.ParseFrom(AddUnknown(inner)));
            }
        }

        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            copy.WriteTo(output);
            output.WriteTag(UnknownField, WireFormat.WireType.LengthDelimited);
            output.WriteString("of a later version");
        }

        return stream.ToArray();
    }
}
