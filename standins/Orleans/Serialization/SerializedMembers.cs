using System.Reflection;

namespace Orleans.Serialization;

/// <summary>
/// The fields of a [GenerateSerializer] type that travel: those behind members with an [Id], and behind the positional members
/// of records, on every level of the hierarchy that has the attribute.
/// </summary>
internal static class SerializedMembers
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static bool Has(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false);

    public static FieldInfo[] Of(Type type)
    {
        List<FieldInfo> fields = [];
        for (var level = type; level is not null && Has(level); level = level.BaseType)
        {
            fields.AddRange(OfLevel(level));
        }

        return [.. fields];
    }

    private static IEnumerable<FieldInfo> OfLevel(Type type)
    {
        var positional = PositionalNames(type);
        var properties = type.GetProperties(Own)
            .Where(property => property.IsDefined(typeof(IdAttribute)) || positional.Contains(property.Name))
            .Select(property => type.GetField($"<{property.Name}>k__BackingField", Own)
                ?? throw new CodecNotFoundException($"{type}.{property.Name} has an [Id] but no field of its own, so it cannot be copied."));
        return type.GetFields(Own).Where(field => field.IsDefined(typeof(IdAttribute))).Concat(properties);
    }

    private static HashSet<string> PositionalNames(Type type)
    {
        // What tells a record: the compiler writes this method for it and for nothing else.
        var isRecord = type.GetMethod("PrintMembers", Own) is not null;
        if (!isRecord || !type.GetCustomAttribute<GenerateSerializerAttribute>()!.IncludePrimaryConstructorParameters)
        {
            return [];
        }

        var primary = type.GetConstructors(Own)
            .Where(constructor => constructor.GetParameters() is not [{ } only] || only.ParameterType != type)
            .MaxBy(constructor => constructor.GetParameters().Length);
        return primary is null ? [] : [.. primary.GetParameters().Select(parameter => parameter.Name!)];
    }
}
