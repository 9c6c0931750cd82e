using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Models.Json;

/// <summary>Converts scalar values as in proto JSON: 64-bit integers as strings, bytes as base64.</summary>
internal static class ScalarJson
{
    /// <summary>Returns the value, or null if the JSON doesn't match the type.</summary>
    public static object? Read(FieldType type, JsonElement json) => type switch
    {
        FieldType.String => json.ValueKind == JsonValueKind.String ? JsonText.Read(json) : null,
        FieldType.Bytes => ReadBytes(json),
        FieldType.Bool => json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : null,
        FieldType.Int32 => ReadInt64(json) is { } number && number == (int)number ? (int)number : null,
        FieldType.Int64 => ReadInt64(json),
        FieldType.Double => ReadDouble(json),
        FieldType.Enum => ReadNull(json),
        _ => throw new NotSupportedException($"Fields of type {type} aren't supported."),
    };

    /// <summary>Returns a 32-bit integer, at most 2^31-1, or null if the JSON isn't an integer.</summary>
    public static object? ReadCount(JsonElement json) =>
        ReadInt64(json) is >= int.MinValue and var number ? (int)Math.Min(number, int.MaxValue) : null;

    public static void Write(Utf8JsonWriter writer, FieldType type, object value)
    {
        switch (type)
        {
            case FieldType.String:
                writer.WriteStringValue((string)value);
                break;
            case FieldType.Bytes:
                writer.WriteBase64StringValue(((ByteString)value).Span);
                break;
            case FieldType.Bool:
                writer.WriteBooleanValue((bool)value);
                break;
            case FieldType.Int32:
                writer.WriteNumberValue((int)value);
                break;
            case FieldType.Int64:
                writer.WriteStringValue(((long)value).ToString(CultureInfo.InvariantCulture));
                break;
            case FieldType.Double:
                WriteDouble(writer, (double)value);
                break;
            case FieldType.Enum:
                writer.WriteNullValue();
                break;
            default:
                throw new NotSupportedException($"Fields of type {type} aren't supported.");
        }
    }

    /// <summary>Writes integers without fraction or exponent, and values that aren't JSON numbers with their proto JSON names.</summary>
    public static void WriteDouble(Utf8JsonWriter writer, double value)
    {
        // A long represents each of these doubles exactly. 2^63 is the first that it doesn't.
        if (value == Math.Truncate(value) && Math.Abs(value) < 9223372036854775808d)
        {
            writer.WriteNumberValue((long)value);
        }
        else if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Returns whether <see cref="WriteDouble"/> writes a number with this text.</summary>
    public static bool IsWrittenAs(double number, ReadOnlySpan<byte> text)
    {
        // True for most numbers.
        if (text.Length <= 15 && text[0] != (byte)'-' && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0)
        {
            return true;
        }

        Span<byte> written = stackalloc byte[32];
        var isInteger = number == Math.Truncate(number) && Math.Abs(number) < 9223372036854775808d;
        return (isInteger ? Utf8Formatter.TryFormat((long)number, written, out var length) : Utf8Formatter.TryFormat(number, written, out length))
            && text.SequenceEqual(written[..length]);
    }

    private static object? ReadNull(JsonElement json) =>
        json.ValueKind == JsonValueKind.Null || (json.ValueKind == JsonValueKind.String && JsonText.Read(json) == "NULL_VALUE")
            ? NullValue.NullValue
            : null;

    private static long? ReadInt64(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Number)
        {
            if (json.TryGetInt64(out var number))
            {
                return number;
            }

            // 12.0 and 1.2e1 are integers, too.
            return json.TryGetDouble(out var real) && real == Math.Truncate(real) && Math.Abs(real) <= 1L << 53 ? (long)real : null;
        }

        return json.ValueKind == JsonValueKind.String
            && long.TryParse(JsonText.Read(json), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : null;
    }

    private static double? ReadDouble(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number => json.GetDouble() is var number && double.IsFinite(number) ? number : null,
        JsonValueKind.String => JsonText.Read(json) switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => null,
        },
        _ => null,
    };

    private static ByteString? ReadBytes(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        // It throws if the string isn't valid text.
        if (!JsonMarshal.GetRawUtf8Value(json).Contains((byte)'\\') && json.TryGetBytesFromBase64(out var bytes))
        {
            return UnsafeByteOperations.UnsafeWrap(bytes);
        }

        // The url-safe alphabet, or no padding.
        var text = JsonText.Read(json).Replace('-', '+').Replace('_', '/').TrimEnd('=');
        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), buffer, out var length)
            ? ByteString.CopyFrom(buffer, 0, length)
            : null;
    }
}
