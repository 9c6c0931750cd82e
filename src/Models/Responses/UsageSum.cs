using System.Collections;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Models.Responses;

/// <summary>Adds up token usage.</summary>
public static class UsageSum
{
    /// <summary>Returns the sum of two usages. Counts are added, also per modality. Other fields are those of the turn. Arguments aren't modified.</summary>
    public static UsageMetadata? Add(UsageMetadata? total, UsageMetadata? turn)
    {
        if (total is null || turn is null)
        {
            return (turn ?? total)?.Clone();
        }

        var sum = total.Clone();
        AddInto(sum, turn);
        return sum;
    }

    private static void AddInto(IMessage sum, IMessage addend)
    {
        foreach (var field in addend.Descriptor.Fields.InDeclarationOrder())
        {
            if (!MessageWriter.IsSet(field, addend))
            {
                continue;
            }

            if (field.IsRepeated && field.FieldType == FieldType.Message)
            {
                AddByKey((IList)field.Accessor.GetValue(sum), (IList)field.Accessor.GetValue(addend));
                continue;
            }

            switch (field.Accessor.GetValue(addend))
            {
                case int count:
                    field.Accessor.SetValue(sum, checked((int)Math.Min(int.MaxValue, (long)(int)field.Accessor.GetValue(sum) + count)));
                    break;
                case long count:
                    field.Accessor.SetValue(sum, (long)field.Accessor.GetValue(sum) + count);
                    break;
                case var newer:
                    field.Accessor.SetValue(sum, newer);
                    break;
            }
        }
    }

    // Lists of {modality, token_count}: entries are matched by their string.
    private static void AddByKey(IList sums, IList addends)
    {
        foreach (IMessage addend in addends)
        {
            var key = Key(addend);
            var known = sums.Cast<IMessage>().FirstOrDefault(s => Key(s) == key);
            if (known is null)
            {
                sums.Add(addend);
            }
            else
            {
                AddInto(known, addend);
            }
        }

        static string? Key(IMessage message) =>
            message.Descriptor.Fields.InDeclarationOrder().FirstOrDefault(f => f.FieldType == FieldType.String)?.Accessor.GetValue(message) as string;
    }
}
