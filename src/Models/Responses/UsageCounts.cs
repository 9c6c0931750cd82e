using System.Collections;
using System.Globalization;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Responses;

/// <summary>Limits token counts to 32 bits.</summary>
internal static class UsageCounts
{
    /// <summary>Replaces counts above 2^31-1 by this value. The JSON reader has stored them as unknown members.</summary>
    public static void Saturate(UsageMetadata? usage)
    {
        if (usage is not null)
        {
            SaturateFields(usage);
        }
    }

    /// <summary>Converts the counts of other APIs, which include reasoning in the completion.</summary>
    public static UsageMetadata ToUsage(long? prompt, long? completion, long? total, long? reasoning, long? cached)
    {
        var usage = new UsageMetadata();
        Set(prompt, count => usage.PromptTokenCount = count);
        Set(completion - (reasoning ?? 0), count => usage.CandidatesTokenCount = count);
        Set(total, count => usage.TotalTokenCount = count);
        Set(reasoning > 0 ? reasoning : null, count => usage.ThoughtsTokenCount = count);
        Set(cached > 0 ? cached : null, count => usage.CachedContentTokenCount = count);
        return usage;

        static void Set(long? count, Action<int> set)
        {
            if (count is { } known)
            {
                set((int)Math.Clamp(known, 0, int.MaxValue));
            }
        }
    }

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
