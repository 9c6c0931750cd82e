using System.Globalization;
using System.Reflection;

namespace GenAI.Chats.ApiCheck;

/// <summary>
/// The public API of types, one fact a line: an assembly whose facts are a subset of another's can be replaced by that other one
/// without changing its callers.
/// </summary>
public static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The facts about the types, sorted.</summary>
    public static SortedSet<string> Of(IEnumerable<Type> types) =>
        new(types.SelectMany(type => FactsOf(type).Select(fact => $"{Signature.Of(type)}  {fact}")), StringComparer.Ordinal);

    /// <summary>What the assembly's API has and the published list, a file of facts, lacks.</summary>
    public static IReadOnlyList<string> NotIn(string publishedList, Assembly assembly)
    {
        var published = File.ReadLines(publishedList).ToHashSet(StringComparer.Ordinal);
        return [.. Of(assembly.GetExportedTypes()).Where(fact => !published.Contains(fact))];
    }

    private static IEnumerable<string> FactsOf(Type type)
    {
        var shape = type.IsGenericType ? Signature.Constraints(type.GetGenericArguments()) : "";
        yield return $"[type] {Signature.Kind(type)}{shape}";
        if (type.BaseType is { } parent && !IsImplied(parent))
        {
            yield return $"[base] {Signature.Of(parent)}";
        }

        foreach (var contract in type.GetInterfaces().Where(contract => contract.IsVisible))
        {
            yield return $"[implements] {Signature.Of(contract)}";
        }

        foreach (var fact in type.IsEnum ? Values(type) : typeof(Delegate).IsAssignableFrom(type) ? Invocation(type) : Members(type))
        {
            yield return fact;
        }
    }

    private static bool IsImplied(Type parent) =>
        parent == typeof(object) || parent == typeof(ValueType) || parent == typeof(Enum) || parent == typeof(MulticastDelegate);

    private static IEnumerable<string> Values(Type type) =>
        from field in type.GetFields(BindingFlags.Public | BindingFlags.Static)
        select $"[value] {field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}";

    private static IEnumerable<string> Invocation(Type type) => [$"[invoke] {Signature.Of(type.GetMethod("Invoke")!)}"];

    private static IEnumerable<string> Members(Type type)
    {
        var usage = typeof(Attribute).IsAssignableFrom(type) ? type.GetCustomAttribute<AttributeUsageAttribute>(inherit: false) : null;
        IEnumerable<string> usages = usage is null
            ? []
            : [$"[usage] {usage.ValidOn} multiple={usage.AllowMultiple} inherited={usage.Inherited}"];
        var constructors =
            from constructor in type.GetConstructors(Declared)
            where !constructor.IsStatic && IsSeen(constructor)
            select $"[ctor] {Signature.Access(constructor)}({Signature.Parameters(constructor.GetParameters())})";
        var methods =
            from method in type.GetMethods(Declared)
            where IsSeen(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
            select $"[method] {Signature.Of(method)}";
        var properties =
            from property in type.GetProperties(Declared)
            from accessor in property.GetAccessors(nonPublic: true)
            where IsSeen(accessor)
            select $"[property] {Signature.Of(property, accessor)}";
        var events =
            from declared in type.GetEvents(Declared)
            where declared.AddMethod is { } add && IsSeen(add)
            select $"[event] {Signature.Of(declared.EventHandlerType!)} {declared.Name}";
        var fields =
            from field in type.GetFields(Declared)
            where field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly
            select $"[field] {Signature.Of(field)}";
        return [.. usages, .. constructors, .. methods, .. properties, .. events, .. fields];
    }

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;
}
