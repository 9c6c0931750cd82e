using System.Collections;
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
        foreach (var field in addend.Descriptor.Fields.InDeclarationOrder().Where(field => MessageWriter.IsSet(field, addend)))
        {
            var known = field.Accessor.GetValue(sum);
            switch (field.Accessor.GetValue(addend))
            {
                case IList addends when field.FieldType == FieldType.Message:
                    AddByKey((IList)known, addends);
                    break;
                case int count:
                    field.Accessor.SetValue(sum, (int)Math.Min(int.MaxValue, (long)(int)known + count));
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
            if (sums.Cast<IMessage>().FirstOrDefault(sum => Key(sum) == key) is { } known)
            {
                AddInto(known, addend);
            }
            else
            {
                sums.Add(addend);
            }
        }

        static string? Key(IMessage message) =>
            message.Descriptor.Fields.InDeclarationOrder().FirstOrDefault(f => f.FieldType == FieldType.String)?.Accessor.GetValue(message) as string;
    }
}
