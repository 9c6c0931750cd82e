using Orleans.Runtime;

namespace Orleans
{
    /// <summary>The root of grain interfaces.</summary>
    public interface IGrain : IAddressable;

    public interface IGrainWithStringKey : IGrain;

    public interface IGrainWithGuidKey : IGrain;

    public interface IGrainWithIntegerKey : IGrain;

    public interface IGrainWithGuidCompoundKey : IGrain;

    public interface IGrainWithIntegerCompoundKey : IGrain;

    public interface IGrainObserver : IAddressable;
}

namespace Orleans.Runtime
{
    /// <summary>Something that can be called through a reference.</summary>
    public interface IAddressable;
}
