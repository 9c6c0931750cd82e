using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>
/// Finds the class that implements a grain interface: in the assembly of the interface first, then in all that are loaded.
/// </summary>
internal sealed class GrainClasses(GrainCollectionOptions options, IServiceProvider services)
{
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainClass> _byInterface = new();
    private readonly ConcurrentDictionary<GrainType, GrainClass> _byType = new();

    public GrainClass Resolve(Type interfaceType, string? classNamePrefix) =>
        _byInterface.GetOrAdd((interfaceType, classNamePrefix), key => Find(key.Interface, key.Prefix));

    /// <summary>The class of a type that a reference was made for.</summary>
    public GrainClass Get(GrainType type) =>
        _byType.TryGetValue(type, out var grainClass) || TryFind(type, out grainClass)
            ? grainClass
            : throw new ArgumentException($"Could not find a grain class for grain type '{type}'.", nameof(type));

    public Type InterfaceOf(GrainType type, GrainInterfaceType interfaceType) =>
        GrainInterfaces(Get(type).Type).FirstOrDefault(each => each.FullName == interfaceType.ToString())
        ?? throw new ArgumentException($"Grain type '{type}' does not implement '{interfaceType}'.", nameof(interfaceType));

    private GrainClass Find(Type interfaceType, string? prefix)
    {
        if (!interfaceType.IsInterface || !typeof(IAddressable).IsAssignableFrom(interfaceType))
        {
            throw new ArgumentException($"{interfaceType} is not a grain interface.");
        }

        var found = Matching(Classes(interfaceType.Assembly), interfaceType, prefix);
        if (found.Length == 0)
        {
            found = Matching(AppDomain.CurrentDomain.GetAssemblies().SelectMany(Classes), interfaceType, prefix);
        }

        if (found.Length > 1)
        {
            found = [.. found.Where(type => interfaceType.Name == "I" + type.Name) is var named && named.Any() ? named : found];
        }

        return found switch
        {
            [var type] => _byType.GetOrAdd(Describe(type, interfaceType).GrainType, _ => Describe(type, interfaceType)),
            [] => throw new ArgumentException($"Could not find an implementation for interface {interfaceType}"),
            _ => throw new ArgumentException($"Interface {interfaceType} is implemented more than once: {string.Join<Type>(", ", found)}"),
        };
    }

    private bool TryFind(GrainType type, out GrainClass grainClass)
    {
        var found = AppDomain.CurrentDomain.GetAssemblies().SelectMany(Classes)
            .Where(each => GrainInterfaces(each).Any())
            .Select(each => Describe(each, GrainInterfaces(each).First()))
            .FirstOrDefault(each => each.GrainType == type);
        grainClass = found is null ? null! : _byType.GetOrAdd(type, found);
        return found is not null;
    }

    private GrainClass Describe(Type type, Type interfaceType) => new(type, interfaceType, options, services);

    private static Type[] Matching(IEnumerable<Type> classes, Type interfaceType, string? prefix) =>
        [.. classes.Where(interfaceType.IsAssignableFrom).Where(type => type.FullName!.StartsWith(prefix ?? "", StringComparison.Ordinal))];

    private static IEnumerable<Type> GrainInterfaces(Type type) =>
        type.GetInterfaces().Where(each => typeof(IGrain).IsAssignableFrom(each) && each.GetMethods().Length > 0);

    private static IEnumerable<Type> Classes(Assembly assembly)
    {
        if (assembly.IsDynamic)
        {
            return [];
        }

        try
        {
            return assembly.GetTypes().Where(IsGrainClass);
        }
        catch (ReflectionTypeLoadException exception)
        {
            return exception.Types.OfType<Type>().Where(IsGrainClass);
        }
    }

    private static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }
        && typeof(IAddressable).IsAssignableFrom(type)
        && !typeof(GrainReference).IsAssignableFrom(type);
}
