namespace Orleans.Runtime;

/// <summary>The base of the classes that stand for a grain at its callers.</summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    /// <summary>The interface's methods, in the order in which the generated class names them.</summary>
    internal readonly GrainMethod[] Methods;

    internal GrainReference(GrainInterface shared, GrainFactory factory, GrainId grainId)
    {
        Methods = shared.Methods;
        InterfaceType = shared.InterfaceType;
        Factory = factory;
        GrainId = grainId;
    }

    public GrainId GrainId { get; }

    public GrainInterfaceType InterfaceType { get; }

    public virtual string InterfaceName => InterfaceType.ToString();

    internal GrainFactory Factory { get; }

    public virtual TGrainInterface Cast<TGrainInterface>() where TGrainInterface : IAddressable => this.AsReference<TGrainInterface>();

    public bool Equals(GrainReference? other) => other is not null && GrainId == other.GrainId;

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => GrainId.GetHashCode();

    public sealed override string ToString() => $"GrainReference:{GrainId}:{InterfaceType}";

    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) =>
        reference1 is null ? reference2 is null : reference1.Equals(reference2);

    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);
}
