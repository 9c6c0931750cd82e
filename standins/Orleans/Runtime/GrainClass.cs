using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>A grain class: how its grains are made, and the rules that it states by attributes.</summary>
internal sealed class GrainClass
{
    private readonly Type _type;
    private readonly ParameterInfo[] _states;

    public GrainClass(Type type, Type interfaceType, GrainCollectionOptions options, IServiceProvider services)
    {
        _type = type;
        Interface = interfaceType;
        GrainType = type.GetCustomAttribute<GrainTypeAttribute>()?.GetGrainType(services, type) ?? GrainType.Create(DefaultName(type));
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute));
        var limit = type.GetCustomAttribute<CollectionAgeLimitAttribute>();
        IsExemptFromCollection = limit is { AlwaysActive: true } || type.IsDefined(typeof(KeepAliveAttribute));
        CollectionAge = options.ClassSpecificCollectionAge.TryGetValue(type.FullName!, out var age) ? age
            : limit is { AlwaysActive: false } ? limit.AgeLimit
            : options.CollectionAge;
        _states = [.. type.GetConstructors().SelectMany(constructor => constructor.GetParameters())
            .Where(parameter => parameter.IsDefined(typeof(PersistentStateAttribute)))];
    }

    public GrainType GrainType { get; }

    /// <summary>The grain interface that a reference of the grain itself has.</summary>
    public Type Interface { get; }

    public bool IsReentrant { get; }

    public bool IsExemptFromCollection { get; }

    public TimeSpan CollectionAge { get; }

    public Type Type => _type;

    public object Create(Activation activation, IServiceProvider services)
    {
        var states = _states.Select(state => PersistentStateFactory.Create(state, activation, services));
        return ActivatorUtilities.CreateInstance(services, _type, [.. states]);
    }

    private static string DefaultName(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name;
    }
}
