using System.Collections;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Engine.Protobuf;

/// <summary>Accesses fields of protobuf messages of any type.</summary>
internal static class ProtoFields
{
    /// <summary>Returns whether a field has a value that is written.</summary>
    public static bool IsSet(IMessage message, FieldDescriptor field)
    {
        if (field.IsRepeated)
        {
            return ((ICollection)field.Accessor.GetValue(message)).Count > 0;
        }

        if (field.HasPresence)
        {
            return field.Accessor.HasValue(message);
        }

        return field.Accessor.GetValue(message) switch
        {
            string text => text.Length > 0,
            ByteString bytes => !bytes.IsEmpty,
            bool flag => flag,
            System.Enum value => Convert.ToInt64(value, null) != 0,
            IConvertible number => number.ToDouble(null) != 0,
            _ => true,
        };
    }

    /// <summary>Returns whether a field has the same value in two messages: the written bytes are the same.</summary>
    public static bool AreEqual(IMessage one, IMessage other, FieldDescriptor field) =>
        (!field.HasPresence || field.Accessor.HasValue(one) == field.Accessor.HasValue(other))
        && AreEqual(field.Accessor.GetValue(one), field.Accessor.GetValue(other));

    /// <summary>Copies a field's value into another message, where the field is empty. Nested values are shared.</summary>
    public static void Copy(IMessage from, IMessage to, FieldDescriptor field)
    {
        switch (field.Accessor.GetValue(from))
        {
            case IDictionary map:
                var target = (IDictionary)field.Accessor.GetValue(to);
                foreach (DictionaryEntry entry in map)
                {
                    target[entry.Key] = entry.Value;
                }

                break;
            case IList list:
                var items = (IList)field.Accessor.GetValue(to);
                foreach (var item in list)
                {
                    items.Add(item);
                }

                break;
            case var value:
                field.Accessor.SetValue(to, value);
                break;
        }
    }

    // Equals doesn't distinguish an unset optional field from one that is set to its default.
    private static bool AreEqual(object? one, object? other) => Equals(one, other) && one switch
    {
        IMessage message => message.ToByteString().Equals(((IMessage)other!).ToByteString()),
        IList list => list.Cast<object>().Zip(((IList)other!).Cast<object>()).All(pair => AreEqual(pair.First, pair.Second)),
        _ => true,
    };
}
