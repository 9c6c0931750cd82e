namespace Orleans.Runtime;

/// <summary>The kind of a grain: what all grains of one class share in their identities.</summary>
public readonly struct GrainType(IdSpan id) : IEquatable<GrainType>
{
    private readonly IdSpan _id = id;

    public bool IsDefault => _id.IsDefault;

    public static GrainType Create(string value) => new(IdSpan.Create(value));

    public bool Equals(GrainType obj) => _id.Equals(obj._id);

    public override bool Equals(object? obj) => obj is GrainType other && Equals(other);

    public override int GetHashCode() => _id.GetHashCode();

    public override string ToString() => _id.ToString();

    public static bool operator ==(GrainType left, GrainType right) => left.Equals(right);

    public static bool operator !=(GrainType left, GrainType right) => !left.Equals(right);
}
