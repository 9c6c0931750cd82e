using System.Collections;
using System.Globalization;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Responses;

/// <summary>Token counts as they are read.</summary>
internal static class UsageCounts
{
    /// <summary>Makes counts beyond 2^31-1 that, or they would not be counts at all: they are kept as unknown members by then.</summary>
    public static void Saturate(UsageMetadata? usage)
    {
        if (usage is not null)
        {
            SaturateFields(usage);
        }
    }

    /// <summary>A count that some other API gave as a larger number.</summary>
    public static int Saturate(long count) => (int)Math.Clamp(count, 0, int.MaxValue);

    private static void SaturateFields(IMessage message)
    {
        var shape = MessageShape.Of(message.Descriptor);
        var (extra, exact) = (shape.GetExtra(message), shape.GetExactExtra(message));
        foreach (var field in shape.Fields.Select(field => field.Descriptor))
        {
            if (field.FieldType == FieldType.Int32 && extra?.Fields.TryGetValue(field.JsonName, out var value) == true && IsBeyond(value))
            {
                field.Accessor.SetValue(message, int.MaxValue);
                extra.Fields.Remove(field.JsonName);
                exact?.Members.Remove(field.JsonName);
            }
            else if (field.IsRepeated && field.FieldType == FieldType.Message)
            {
                foreach (IMessage item in (IList)field.Accessor.GetValue(message))
                {
                    SaturateFields(item);
                }
            }
        }

        if (extra is { Fields.Count: 0 })
        {
            shape.Extra!.Clear(message);
            shape.ExactExtra!.Clear(message);
        }
    }

    private static bool IsBeyond(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.NumberValue => value.NumberValue > int.MaxValue,
        Value.KindOneofCase.StringValue =>
            long.TryParse(value.StringValue, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > int.MaxValue,
        _ => false,
    };
}
