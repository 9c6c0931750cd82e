using Google.Protobuf;

namespace GenAI.Chats.TestKit.Otlp;

/// <summary>Reads what a collector has got.</summary>
public static class OtlpReading
{
    /// <summary>An attribute's value: a string, a bool, a long, a double or an array of these; null where there is none.</summary>
    public static object? Get(this IEnumerable<OtlpAttribute> attributes, string key) =>
        attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value.ToObject();

    /// <summary>An id in hexadecimal digits, as headers have it.</summary>
    public static string Hex(this ByteString id) => Convert.ToHexStringLower(id.Span);

    /// <summary>The attributes of each of a metric's points.</summary>
    public static IEnumerable<IEnumerable<OtlpAttribute>> Points(this OtlpMetric metric) => metric.DataCase switch
    {
        OtlpMetric.DataOneofCase.Gauge => metric.Gauge.DataPoints.Select(point => point.Attributes),
        OtlpMetric.DataOneofCase.Sum => metric.Sum.DataPoints.Select(point => point.Attributes),
        OtlpMetric.DataOneofCase.Histogram => metric.Histogram.DataPoints.Select(point => point.Attributes),
        _ => [],
    };

    private static object? ToObject(this OtlpValue value) => value.ValueCase switch
    {
        OtlpValue.ValueOneofCase.Text => value.Text,
        OtlpValue.ValueOneofCase.Flag => value.Flag,
        OtlpValue.ValueOneofCase.Number => value.Number,
        OtlpValue.ValueOneofCase.Real => value.Real,
        OtlpValue.ValueOneofCase.List => value.List.Values.Select(ToObject).ToArray(),
        _ => null,
    };
}
