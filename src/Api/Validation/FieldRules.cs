using System.Reflection;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Api.Validation;

/// <summary>Rules for fields of several requests. Each error names the field and the rule.</summary>
internal static partial class FieldRules
{
    private const int MaxRequestId = 128;
    private const int MaxDisplayName = 256;
    private const int MaxLabels = 64;
    private const int MaxLabelValue = 256;
    private const int MaxModel = 256;
    private const int MaxTurnId = 64;
    private const string LabelKeyPattern = "[A-Za-z0-9._/-]{1,63}";

    public static void Require(bool isValid, string field, string rule)
    {
        if (!isValid)
        {
            throw RpcErrors.Invalid(field, rule);
        }
    }

    public static void CheckModel(string model, string field, bool isRequired = true)
    {
        Require(!isRequired || model.Length > 0, field, "is required");
        CheckLength(model, MaxModel, field);
    }

    public static void CheckRequestId(string requestId, string field = "request_id")
    {
        CheckLength(requestId, MaxRequestId, field);
        Require(IsHeaderValue(requestId), field, "must contain only printable ASCII characters, without a space at either end");
    }

    public static void CheckDisplayName(string displayName, string field) => CheckLength(displayName, MaxDisplayName, field);

    public static void CheckLabels(MapField<string, string> labels, string field)
    {
        if (labels.Count > MaxLabels)
        {
            throw RpcErrors.Invalid(field, $"must have at most {MaxLabels} entries", ("limit_value", MaxLabels));
        }

        foreach (var (key, value) in labels)
        {
            if (!LabelKey().IsMatch(key))
            {
                throw RpcErrors.Invalid(field, $"must have keys that match {LabelKeyPattern} (got \"{key}\")", ("value", key));
            }

            CheckLength(value, MaxLabelValue, $"{field}.{key}");
        }
    }

    /// <summary>Indicates whether a time can be converted to .NET's.</summary>
    public static bool IsValid(Google.Protobuf.WellKnownTypes.Timestamp time) =>
        time.Nanos is >= 0 and <= 999_999_999 && time.Seconds >= 0 && time.Seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public static void CheckTurnId(string turnId, string field = "turn_id") =>
        Require(turnId.Length is > 0 and <= MaxTurnId, field, $"is required and must have at most {MaxTurnId} characters");

    public static void CheckNotNegative(long number, string field)
    {
        if (number < 0)
        {
            throw RpcErrors.Invalid(field, $"must not be negative (got {number})", ("value", number));
        }
    }

    public static void CheckDefined<T>(T value, string field)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            var names = Enum.GetNames<T>().Select(static name => typeof(T).GetField(name)!.GetCustomAttribute<OriginalNameAttribute>()!.Name);
            throw RpcErrors.Invalid(field, $"must be one of: {string.Join(", ", names)}", ("value", value.ToString("D")));
        }
    }

    public static void CheckSize(IMessage request, string field, int maxBytes)
    {
        if (request.CalculateSize() > maxBytes)
        {
            throw RpcErrors.Invalid(field, $"is too large: the request must have at most {maxBytes} bytes", ("limit_value", maxBytes));
        }
    }

    // A header must arrive as it was sent.
    private static bool IsHeaderValue(string text) => text.All(character => character is >= ' ' and <= '~') && text.Trim(' ').Length == text.Length;

    private static void CheckLength(string text, int max, string field)
    {
        if (text.Length > max && text.EnumerateRunes().Count() > max)
        {
            throw RpcErrors.Invalid(field, $"must have at most {max} characters", ("limit_value", max));
        }
    }

    [GeneratedRegex($@"\A{LabelKeyPattern}\z")]
    private static partial Regex LabelKey();
}
