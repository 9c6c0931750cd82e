using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>How a silo is chosen for a grain. With one silo there is no choice.</summary>
    public abstract class PlacementStrategy;
}

namespace Orleans.Runtime.Placement
{
    public interface IPlacementDirector
    {
        /// <summary>Key of the request context under which a call may name the silo that it wants its grain on.</summary>
        const string PlacementHintKey = "PlacementHintKey";
    }
}

namespace Orleans.Placement
{
    [AttributeUsage(AttributeTargets.Class)]
    public abstract class PlacementAttribute : Attribute
    {
        protected PlacementAttribute(PlacementStrategy placement) => PlacementStrategy = placement;

        public PlacementStrategy PlacementStrategy { get; }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new AnyPlacement());

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class RandomPlacementAttribute() : PlacementAttribute(new AnyPlacement());

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class HashBasedPlacementAttribute() : PlacementAttribute(new AnyPlacement());

    internal sealed class AnyPlacement : PlacementStrategy;
}
