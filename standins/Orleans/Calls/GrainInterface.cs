using System.Reflection;

namespace Orleans.Runtime;

/// <summary>A grain interface, as the references of one grain factory implement it.</summary>
internal sealed class GrainInterface
{
    private readonly Func<GrainInterface, GrainFactory, GrainId, GrainReference> _create;
    private readonly GrainFactory _factory;

    public GrainInterface(Type type, GrainFactory factory)
    {
        _factory = factory;
        InterfaceType = GrainInterfaceType.Create(type.FullName!);
        var inherited = type.GetInterfaces();
        MethodInfo[] methods = [.. inherited.Prepend(type).SelectMany(each => each.GetMethods()).Where(method => method.IsAbstract)];
        Methods = [.. methods.Select(method => GrainMethod.Create(method, factory))];
        _create = ReferenceEmitter.Emit(type, methods);
    }

    public GrainInterfaceType InterfaceType { get; }

    public GrainMethod[] Methods { get; }

    public GrainReference Create(GrainId grainId) => _create(this, _factory, grainId);
}
