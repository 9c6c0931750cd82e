using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Encodings.Web;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Models.Json;

/// <summary>Cached information about a message type for the JSON converter.</summary>
internal sealed class MessageShape
{
    private const int ExtraFieldNumber = 100;

    private static readonly ConcurrentDictionary<MessageDescriptor, MessageShape> Shapes = new();

    private readonly FrozenDictionary<string, FieldShape> _byJsonName;

    private MessageShape(MessageDescriptor descriptor)
    {
        var fields = descriptor.Fields.InFieldNumberOrder();
        Fields = [.. fields.Where(field => field.FieldNumber != ExtraFieldNumber && !FieldShape.IsExact(field)).Select(field => new FieldShape(field))];
        var extra = fields.FirstOrDefault(field => field.FieldNumber == ExtraFieldNumber);
        Extra = extra?.Accessor;
        ExactExtra = extra is null ? null : FieldShape.ExactOf(extra);
        _byJsonName = Fields.ToFrozenDictionary(field => field.Descriptor.JsonName, StringComparer.Ordinal);
    }

    /// <summary>Gets the fields that correspond to JSON members, by number.</summary>
    public FieldShape[] Fields { get; }

    /// <summary>Gets the field for unknown members, if the message has one.</summary>
    public IFieldAccessor? Extra { get; }

    /// <summary>Gets the field for the exact text of unknown members that a double can't represent.</summary>
    public IFieldAccessor? ExactExtra { get; }

    public static MessageShape Of(MessageDescriptor descriptor) => Shapes.GetOrAdd(descriptor, static key => new MessageShape(key));

    public FieldShape? Find(string jsonName) => _byJsonName.GetValueOrDefault(jsonName);

    public Struct? GetExtra(IMessage message) => (Struct?)Extra?.GetValue(message);

    public ExactJson? GetExactExtra(IMessage message) => (ExactJson?)ExactExtra?.GetValue(message);
}

/// <summary>A field that corresponds to a JSON member.</summary>
internal sealed class FieldShape(FieldDescriptor descriptor)
{
    public FieldDescriptor Descriptor { get; } = descriptor;

    public JsonEncodedText JsonName { get; } = JsonEncodedText.Encode(descriptor.JsonName, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

    /// <summary>Gets the value field of a map. Null for other fields.</summary>
    public FieldDescriptor? MapValue { get; } = descriptor.IsMap ? descriptor.MessageType.FindFieldByNumber(2) : null;

    /// <summary>Gets the field for the exact text of a struct's members that a double can't represent. Null for other fields.</summary>
    public IFieldAccessor? Exact { get; } = ExactOf(descriptor);

    /// <summary>Returns whether a field holds exact texts for another field.</summary>
    public static bool IsExact(FieldDescriptor field) => field.FieldType == FieldType.Message && field.MessageType == ExactJson.Descriptor;

    /// <summary>Returns the field for the exact texts of a struct, or null.</summary>
    public static IFieldAccessor? ExactOf(FieldDescriptor field) =>
        field.ContainingType.FindFieldByName($"{field.Name}_json") is { } exact && IsExact(exact) ? exact.Accessor : null;

    /// <summary>Gets whether null is a value of this field, not its absence.</summary>
    public bool TakesNull { get; } = !descriptor.IsRepeated && IsNullable(descriptor);

    private static bool IsNullable(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => field.MessageType == Value.Descriptor,
        FieldType.Enum when field.EnumType.FullName != "google.protobuf.NullValue" =>
            throw new NotSupportedException($"{field.FullName}: enumerations are strings in these messages."),
        var type => type == FieldType.Enum,
    };
}
